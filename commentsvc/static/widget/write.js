// What a person needs to write. The widget loads it when somebody touches the form, or left something here before.
//
// form.js          the form: what it holds, where it stands, what it says
// draft.js         the text, saved until it is posted
// person.js        who writes, saved if wanted
// sending.js       posts it exactly once
// own-comments.js  what was posted here, as long as it may be edited
// recovery.js      what went wrong

import { ApiError, requestHtml, requestJson, threadOf } from "./api.js";
import { articleUrl } from "./article-url.js";
import { Draft } from "./draft.js";
import { CommentForm } from "./form.js";
import { addToCount, OwnComments, reload } from "./own-comments.js";
import { forgetPerson, keepPerson, loadPerson, savedPerson, savePerson } from "./person.js";
import { recover } from "./recovery.js";
import { Sender } from "./sending.js";

/** @import { PostedAnswer } from "./sending.js" */
/** @import { Field, WidgetApi } from "./types.js" */

const STYLES = "/* styles */"; // the service puts write.css here

export default class Writer {
  /** @type {WidgetApi} */ #widget;
  /** @type {CommentForm} */ #form;
  /** @type {Draft} */ #draft;
  /** @type {Sender} */ #sender;
  /** @type {OwnComments} */ #own;

  /** @param {WidgetApi} widget */
  constructor(widget) {
    this.#widget = widget;
    this.#form = new CommentForm(widget.root);
    this.#draft = new Draft(widget, this.#form);
    this.#sender = new Sender(widget, this.#draft);
    this.#own = new OwnComments(widget, this.#form);
    widget.addStyles(STYLES);
    if (this.#form.element) this.#fill();
  }

  /** The thread was shown, perhaps again. */
  update() {
    const form = this.#form;
    const before = form.element;
    form.update();
    this.#own.update();
    if (!before && form.element) this.#fill();
    form.place();
  }

  /** Something happened in the form. @param {Event} event @param {Field} field */
  handle(event, field) {
    const { editing, isBusy } = this.#form;
    if (event.type === "submit") this.#send();
    else if (event.type === "keydown") this.#onKey(/** @type {KeyboardEvent} */ (event), field);
    else {
      if (!editing) this.#sender.prepare().catch(() => {}); // no matter yet: sending tries again
      if (event.type === "focusin" && !editing && !isBusy) this.#loadDraft(); // another tab may have changed it
      if (event.type === "input") this.#onInput(field);
    }
  }

  /** @param {KeyboardEvent} event @param {Field} field */
  #onKey({ key, ctrlKey, metaKey, isComposing, keyCode }, field) {
    if (isComposing || keyCode === 229) return; // it is the input method's: UI Events, 7.3.1
    if (key === "Escape") this.#leave();
    if (key === "Enter" && (ctrlKey || metaKey) && field.name === "text") this.#send();
  }

  /** @param {Field} field */
  #onInput(field) {
    const { remember } = this.#form.fields;
    keepPerson(this.#widget, this.#form);
    if (field === /** @type {Field} */ (remember) || (field.name !== "text" && remember.checked))
      savePerson(this.#widget, this.#form);
    if (field.name === "text") this.#draft.save();
    this.#form.onInput(field);
  }

  /** A link or button was pressed; its `data-write` names the action. @param {HTMLElement} button */
  act(button) {
    this.#widget.showStatus();
    /** @type {HTMLElement | null | undefined} */
    const comment = button.closest("li")?.querySelector(".comment");
    const id = comment?.dataset.id ?? "";
    const { write = "send" } = button.dataset;
    /** @type {Record<string, () => void>} */ ({
      send: () => this.#send(),
      reply: () => this.#reply(id),
      cancel: () => this.#leave(),
      preview: () => this.#preview(),
      edit: () => this.#edit(id),
      delete: () => this.#delete(id),
      undo: () => this.#own.undoDelete(id),
    })[write]?.();
  }

  // Write

  /** What this browser saved is put into the form. */
  #fill() {
    loadPerson(this.#widget, this.#form);
    this.#loadDraft();
  }

  #loadDraft() {
    const draft = this.#draft.load();
    if (draft?.token) this.#sender.reuse(draft.token);
    if (draft) this.#form.place();
  }

  /** @param {string} id */
  #reply(id) {
    if (this.#form.isBusy) return;
    const active = /** @type {HTMLElement | null} */ (this.#widget.root.activeElement);
    this.#endEdit();
    this.#loadDraft(); // of another tab: it answers this comment from now on
    this.#form.fields.parent.value = id;
    this.#form.place();
    this.#draft.save();
    (this.#form.element.contains(active) ? active : this.#form.fields.text)?.focus(); // this may come long after the press
  }

  /** @param {string} id */
  #edit(id) {
    const form = this.#form;
    if (form.isBusy) return;
    if (form.editing !== id) {
      this.#draft.save();
      form.editing = id;
      form.place();
      form.fields.text.value = this.#own.get(id)?.text ?? "";
    }
    form.fields.text.focus();
  }

  /** Leave a reply or an edit: what was typed stays, and the focus returns to the button that was pressed. */
  #leave() {
    const { editing, fields, isBusy, target } = this.#form;
    if (!target || isBusy) return;
    if (editing) this.#endEdit();
    else fields.parent.value = "";
    this.#form.place();
    this.#draft.save();
    const comment = this.#widget.root.getElementById(`comment-${target}`);
    /** @type {HTMLElement} */ (comment?.querySelector(editing ? ".edit" : ".reply") ?? fields.text).focus();
  }

  /** The draft returns to the form. */
  #endEdit() {
    if (!this.#form.editing) return;
    this.#form.editing = "";
    this.#draft.restore();
    this.#form.showPreview();
    this.#form.showErrors();
  }

  /** @param {string} id */
  #delete(id) {
    if (this.#form.editing === id) this.#leave();
    this.#own.delete(id);
  }

  async #preview() {
    const form = this.#form;
    if (!form.find(".preview").hidden) return form.showPreview();
    const { text } = form.values;
    const body = { text, site: threadOf(this.#widget).site };
    form.showErrors();
    try {
      const html = await requestHtml(this.#widget, "api/v1/preview", { body });
      if (html.previousElementSibling?.hasChildNodes()) throw new ApiError(0); // a page with a head: a proxy's own
      if (text === form.values.text) form.showPreview(document.importNode(html, true).childNodes);
    } catch {
      // That request cannot read why it was refused; this one can.
      await requestJson(this.#widget, "api/v1/preview", { body }).catch((error) =>
        recover(error, this.#widget, form),
      );
    }
  }

  // Send

  #send() {
    const [widget, form] = [this.#widget, this.#form];
    if (form.isBusy) return;
    form.setBusy(true);
    form.showErrors();
    widget.showStatus();
    (form.editing ? this.#saveEdit(form.editing) : this.#post())
      .finally(() => form.setBusy(false))
      .catch((error) => widget.isCurrent() && recover(error, widget, form));
  }

  async #post() {
    const { remember, ...fields } = this.#form.values;
    const author_key = remember && savedPerson(this.#widget).author_key;
    const page = { title: document.title, page_url: articleUrl() };
    await this.#posted(fields.text, await this.#sender.post({ ...fields, author_key, ...page }));
  }

  /** The form is empty again, and the comment shown where it belongs. @param {string} text @param {PostedAnswer} answer */
  async #posted(text, { comment, status, state, edit_key: key, edit_until, author_key }) {
    const [widget, form] = [this.#widget, this.#form];
    const held = isHeld({ state, status });
    const id = comment?.id ?? "";
    const own = { key, until: 0, text, subject: widget.subject };
    if (comment) {
      own.until = Date.now() + Date.parse(edit_until) - Date.parse(comment.posted_at); // the two clocks may differ
      this.#own.save(id, own);
    }
    this.#draft.clear(text);
    forgetPerson(widget);
    widget.emit(widget.element, "posted", { id, state: held ? "pending" : "approved" });
    if (form.fields.remember.checked) savePerson(widget, form, author_key);
    if (!widget.isCurrent()) return; // another article is shown by now
    const status_line = this.#find(".status");
    form.element.before(status_line); // where the person looks
    form.clear();
    form.place();
    this.#fill();
    if (!held) addToCount(widget, 1);
    widget.showStatus(held ? "held" : "posted");
    await (comment ? this.#own.show(id) : reload(widget)).catch(() => {}); // it is posted all the same, which the status says
    if (this.#isAttended && !widget.focus(`comment-${id}`)) status_line.focus();
  }

  /** @param {string} id */
  async #saveEdit(id) {
    const widget = this.#widget;
    const own = this.#own.get(id);
    const text = this.#form.fields.text.value;
    const answer = await requestJson(widget, `api/v1/comments/${id}`, {
      method: "PATCH",
      body: { text },
      key: own.key,
    });
    this.#own.save(id, { ...own, text });
    if (!widget.isCurrent()) return;
    this.#endEdit();
    this.#form.place();
    if (isHeld(answer)) widget.showStatus("held");
    await this.#own.show(id).catch(() => widget.showStatus("posted"));
    if (this.#isAttended) widget.focus(`comment-${id}`);
  }

  /** Whether the focus is here or nowhere: who went on elsewhere in the page is left in peace. */
  get #isAttended() {
    return this.#widget.root.activeElement || document.activeElement === document.body;
  }

  /** @param {string} selector */
  #find(selector) {
    return /** @type {HTMLElement} */ (this.#widget.root.querySelector(selector));
  }
}

/** Whether a comment waits for a moderator. @param {{ state?: string, status: number }} answer */
function isHeld({ state, status }) {
  return state === "pending" || status === 202;
}
