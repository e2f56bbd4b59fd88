// The form: what it holds, where it stands, and what it says. It knows no storage and no requests.

/** @import { Field } from "./types.js" */

const NEARLY = 0.9; // of the longest text: from there on its length is shown

export class CommentForm {
  /** @type {ShadowRoot} */ #root;
  element = /** @type {HTMLFormElement} */ (/** @type {unknown} */ (null)); // none where the discussion is closed
  editing = ""; // the id of one's own comment that it holds
  /** @type {boolean | undefined} */ isBusy; // set by setBusy

  /** @param {ShadowRoot} root */
  constructor(root) {
    this.#root = root;
    this.update();
  }

  /** The thread was shown again, perhaps with another form: in another language, or of a discussion that was opened. */
  update() {
    this.element = /** @type {HTMLFormElement} */ (this.#root.querySelector("form"));
  }

  // What it holds

  /** The comment that it edits or answers, which need not be shown. */
  get target() {
    return this.editing || this.fields.parent.value;
  }

  /** By name; none where the discussion is closed. */
  get fields() {
    return /** @type {Record<string, Field> & { remember: HTMLInputElement }} */ (
      /** @type {unknown} */ (this.element?.elements)
    );
  }

  get values() {
    return /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(this.element)));
  }

  /** While it is busy nothing can be typed that the answer would remove. @param {boolean} busy */
  setBusy(busy) {
    this.isBusy = busy;
    this.find(".send").ariaDisabled = busy ? "true" : null;
    this.#updateLabel();
    for (const field of this.element.querySelectorAll("input, textarea"))
      /** @type {Field} */ (field).readOnly = busy;
  }

  clear() {
    this.element.reset();
    this.fields.parent.value = "";
    this.find(".length").textContent = "";
    this.showPreview();
  }

  // Where it stands

  /** Put it under its comment; at the end of the thread without one, or until that is shown. */
  place() {
    const { element, editing } = this;
    const root = this.#root;
    if (!element) return;
    const above = root.getElementById(`comment-${this.target}`);
    if (!above && !editing && !root.querySelector(".more, [aria-busy]")) this.fields.parent.value = ""; // all are shown, so it is gone
    const { target } = this;
    const home = /** @type {HTMLElement} */ (root.querySelector(".home"));
    const author = above?.querySelector(".author")?.textContent;
    if (author && !editing) this.find(".answered").textContent = author;
    this.find(".plain").hidden = Boolean(target);
    this.find(".answering").hidden = !target || Boolean(editing);
    this.find(".editing").hidden = !editing;
    for (const part of element.querySelectorAll(".person, .remember, .notes")) {
      /** @type {HTMLElement} */ (part).hidden = Boolean(editing);
    }
    this.#updateLabel();
    if (above ? above.nextElementSibling === element : element.parentElement === home) return;
    const active = /** @type {HTMLElement | null} */ (root.activeElement);
    if (above) above.after(element);
    else home.append(element);
    if (element.contains(active)) active?.focus({ preventScroll: true }); // which ended with the move
  }

  // What it says

  #updateLabel() {
    const button = this.find(".send");
    const { sending, save, post } = button.dataset;
    button.textContent = (this.isBusy ? sending : this.editing ? save : post) ?? "";
  }

  /** Its field was changed. @param {Field} field */
  onInput(field) {
    if (field.name === "text") {
      this.showPreview();
      const [length, limit] = [[...field.value].length, Number(field.dataset.most)];
      this.find(".length").textContent = length > limit * NEARLY ? `${length} / ${limit}` : "";
    }
    field.removeAttribute("aria-invalid");
    const error = this.find(`[data-error="${field.name}"]`);
    if (error) error.hidden = true;
  }

  /** Show a preview; without one, hide it. @param {Iterable<Node>} [nodes] */
  showPreview(nodes) {
    if (nodes) this.find(".preview .text").replaceChildren(...nodes);
    this.find(".preview").hidden = !nodes;
    this.find(".show-preview").ariaExpanded = `${!!nodes}`;
  }

  /**
   * Each error stands beside its field; those without one stand above the button, and what is to be said if there are none.
   * @param {Record<string, string[]>} [errors] by the names of the fields
   */
  showErrors(errors, otherwise = "") {
    const unsaid = { ...errors };
    /** @type {HTMLElement | undefined} */
    let first;
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (
      this.element.querySelectorAll("[data-error]")
    )) {
      const { error = "" } = line.dataset;
      const field = this.fields[error]; // the line above the button, which has none, comes last
      const said = field ? unsaid[error] : Object.values(unsaid).flat();
      const text = said?.join(" ") || (field || first ? "" : otherwise);
      delete unsaid[error];
      line.textContent = text;
      line.hidden = !text;
      if (!field) continue;
      field.ariaInvalid = text ? "true" : null;
      if (text) first ??= field;
    }
    first?.focus();
  }

  /** A part of it. @param {string} selector */
  find(selector) {
    return /** @type {HTMLElement} */ (this.element.querySelector(selector));
  }
}
