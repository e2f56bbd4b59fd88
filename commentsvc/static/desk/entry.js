// One comment of the list: how it stands, and what is shown of that. Nothing that is shown moves anything else.

/** @import { Decision, Seen } from "./types.js" */
/** @import { Words } from "./words.js" */

/** @type {Record<string, string>} */
const LEADS_TO = { approve: "approved", hold: "pending", spam: "spam", trash: "trash" };

/** @param {Element} element @param {string} selector @returns {HTMLElement} */
export function within(element, selector) {
  return /** @type {HTMLElement} */ (element.querySelector(selector));
}

export class Entry {
  /** By which it is decided here. @type {Decision | undefined} */
  decision;

  #words;

  /** @param {HTMLElement} element the article @param {Words} words */
  constructor(element, words) {
    this.element = element;
    this.#words = words;
    element.tabIndex = -1;
  }

  get id() {
    return this.element.dataset.id ?? "";
  }

  get author() {
    return within(this.element, ".author").textContent?.trim() ?? "";
  }

  get state() {
    return this.element.dataset.state ?? "";
  }

  get isDecided() {
    return "decided" in this.element.dataset;
  }

  get isGone() {
    return "gone" in this.element.dataset;
  }

  get checkbox() {
    return /** @type {HTMLInputElement} */ (within(this.element, ".choose input"));
  }

  /** Where a reason can be chosen: of its site, and none where that has no texts. @returns {HTMLSelectElement | null} */
  get reasonChoice() {
    return this.element.querySelector(".deciding select.reason");
  }

  /** What is chosen there for a decision against it. @param {string} action @returns {string | undefined} */
  reasonFor(action) {
    return (action !== "approve" && this.reasonChoice?.value) || undefined;
  }

  /** How it is read here. @returns {Seen} */
  seen() {
    return { id: this.id, revision: Number(this.element.dataset.revision), state: this.state };
  }

  /** @param {Decision} decision */
  showDecided(decision) {
    const { action } = decision;
    this.decision = decision;
    this.element.dataset.decided = action;
    this.checkbox.checked = false;
    // What is decided next about it is sent after this, and is about what this makes of it.
    this.element.dataset.state = LEADS_TO[action];
    this.#showState(LEADS_TO[action], this.#words.of("done", action));
    this.tell("");
    this.#offerUndo(true);
  }

  /** It is to be decided about, as it was before, or as it is now. @param {string} state @param {string} why */
  showUndecided(state, why) {
    this.decision = undefined;
    delete this.element.dataset.decided;
    this.element.dataset.state = state;
    this.#showState(state, this.#words.of("states", state));
    this.tell(why);
    this.#offerUndo(false);
  }

  /** Somebody else decided about it. @param {string} state @param {string} why */
  showElsewhereDecided(state, why) {
    this.showUndecided(state, why);
    this.element.dataset.decided = "elsewhere";
    this.checkbox.checked = false;
  }

  /** There is no such comment any more. @param {string} why */
  showGone(why) {
    this.decision = undefined;
    this.element.dataset.decided = this.element.dataset.gone = "";
    this.checkbox.checked = false;
    this.checkbox.disabled = true;
    this.tell(why);
    this.#offerUndo(false);
    within(this.element, ".deciding > form").inert = true;
  }

  /** The notes about it. @param {Document} page of this comment */
  showNotes(page) {
    within(this.element, ".noted").replaceWith(within(page.body, ".noted"));
  }

  /** Take over what is unfolded in an older one, and its fields with what is typed and chosen, and where. @param {Entry} older */
  takeOver(older) {
    for (const { className } of older.element.querySelectorAll("details[open]"))
      this.element.querySelector(`details.${className}`)?.setAttribute("open", "");
    for (const field of older.element.querySelectorAll("select, textarea, input[name=word]"))
      document.getElementById(field.id)?.replaceWith(field);
  }

  /** @param {string} why */
  tell(why) {
    within(this.element, ".told").textContent = why;
  }

  /** @param {string} state @param {string} label */
  #showState(state, label) {
    const shown = within(this.element, ".state");
    shown.className = `state ${state}`;
    shown.textContent = label;
  }

  /** In the place of the buttons, which keep theirs. @param {boolean} isOffered */
  #offerUndo(isOffered) {
    const place = within(this.element, ".deciding");
    place.querySelector(".undo")?.remove();
    within(place, "form").inert = isOffered;
    if (!isOffered) return;
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "undo";
    undo.textContent = this.#words.say("undo");
    undo.setAttribute("aria-label", this.#words.say("undoOne", { name: this.author }));
    place.append(undo);
  }
}
