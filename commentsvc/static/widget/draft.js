// What was typed: the text, and which comment it answers. Saved until it is posted.

import { readSaved, save } from "./saved.js";

/** @import { CommentForm } from "./form.js" */
/** @import { WidgetApi } from "./types.js" */
/** @typedef {{ text?: string, parent?: string, author?: string, token?: string }} SavedDraft `author` of the parent; `token`: it was sent with that, and no answer came */

export class Draft {
  /** @type {WidgetApi} */ #widget;
  /** @type {CommentForm} */ #form;
  /** @type {string} */ #name;
  #text = ""; // that the form last took from here or left here
  /** @type {string | undefined} */ #token;

  /** @param {WidgetApi} widget @param {CommentForm} form */
  constructor(widget, form) {
    this.#widget = widget;
    this.#form = form;
    this.#name = draftName(widget);
  }

  /** Put it into the form, unless that holds something newer. @returns {SavedDraft | undefined} it, if it was put there */
  load() {
    const { text: field, parent } = this.#form.fields;
    const draft = /** @type {SavedDraft} */ (readSaved(this.#widget, this.#name));
    if (!draft.text || draft.text === field.value || field.value !== this.#text) return;
    field.value = this.#text = draft.text;
    parent.value = draft.parent ?? "";
    this.#form.find(".answered").textContent = draft.author ?? "";
    if (draft.token) this.#token = draft.token;
    return draft;
  }

  /** Put it into the form where an edit ends. */
  restore() {
    this.#form.fields.text.value = this.#text = "";
    this.load();
  }

  save() {
    if (this.#form.editing) return;
    const { fields } = this.#form;
    const text = fields.text.value;
    const author = this.#form.find(".answered").textContent;
    const draft = { text, parent: fields.parent.value, author, token: this.#token };
    // Where nothing is typed, what another tab saved stays.
    if (text || readSaved(this.#widget, this.#name).text === this.#text)
      save(this.#widget, this.#name, text ? draft : null);
    this.#text = text;
  }

  /** The token that it is sent with, until the answer is known. @param {string} [token] */
  saveToken(token) {
    this.#token = token;
    this.save();
  }

  /** It was posted with this text. Another tab may have changed it since. @param {string} text */
  clear(text) {
    if (readSaved(this.#widget, this.#name).text === text) save(this.#widget, this.#name, null);
    this.#token = undefined;
    this.#text = "";
  }
}

/** The name under which a draft is saved: where a page shows an article more than once, each form has its own. @param {WidgetApi} widget */
function draftName({ element, subject }) {
  const { article, site } = /** @type {any} */ (element);
  const threads = /** @type {ParentNode} */ (element.getRootNode()).querySelectorAll(element.localName);
  const same = [.../** @type {Iterable<any>} */ (threads)].filter(
    (e) => e.article === article && e.site === site,
  );
  const index = same.indexOf(element);
  return `draft ${subject}${index > 0 ? ` ${index + 1}` : ""}`;
}
