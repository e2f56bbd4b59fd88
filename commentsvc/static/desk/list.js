// The comments of the list, one of which is the current one: it alone is reached by Tab, and keys are about it.

/** @import { Words } from "./words.js" */

import { Entry } from "./entry.js";

export class EntryList {
  #list;
  #words;
  /** @type {Map<string, Entry>} in the order of the page */
  #entries = new Map();
  /** @type {Entry | undefined} */
  #current;
  /** Where a selection begins. @type {Entry | undefined} */
  #selectedLast;

  /** @param {Element} list @param {Words} words */
  constructor(list, words) {
    this.#list = list;
    this.#words = words;
    this.#adopt();
    list.addEventListener("focusin", ({ target }) => this.#makeCurrent(this.of(target)));
  }

  /** With the first that is not decided. */
  begin() {
    this.#makeCurrent(this.undecided()[0] ?? this.all()[0]);
  }

  all() {
    return [...this.#entries.values()];
  }

  undecided() {
    return this.all().filter((entry) => !entry.isDecided);
  }

  get current() {
    return this.#current;
  }

  /** @param {string} id */
  get(id) {
    return this.#entries.get(id);
  }

  /** @param {EventTarget | null} target of an event */
  of(target) {
    const article = target instanceof Element ? target.closest("article.queued") : null;
    return this.get(/** @type {HTMLElement | null} */ (article)?.dataset.id ?? "");
  }

  selected() {
    return this.all().filter((entry) => entry.checkbox.checked);
  }

  /** Add those of another page that are not here yet. @param {Document} page */
  append(page) {
    const isThrough = !this.undecided().length;
    for (const item of page.querySelectorAll(".queue > li")) {
      const article = item.querySelector("article");
      if (article && !this.#entries.has(article.dataset.id ?? "")) this.#list.append(item);
    }
    this.#adopt();
    if (!this.#current) this.#makeCurrent(this.undecided()[0]);
    // Who was quicker than the page stands at what is decided, and goes on with what has come.
    if (isThrough && this.#current?.element === document.activeElement) this.moveOn();
  }

  /** Put a comment as it is now in its place. @param {Entry} entry @param {HTMLElement} article */
  replace(entry, article) {
    const focused = entry.element.contains(document.activeElement) && document.activeElement?.id;
    entry.element.replaceWith(article);
    const fresh = new Entry(article, this.#words);
    this.#entries.set(entry.id, fresh);
    if (this.#current === entry) this.#makeCurrent(fresh);
    fresh.takeOver(entry);
    // Who writes goes on to write; a button has no id.
    if (focused !== false) (document.getElementById(focused ?? "") ?? article).focus({ preventScroll: true });
    return fresh;
  }

  /** @param {number} steps */
  move(steps) {
    const entries = this.all();
    const isAtIt = this.#current?.element.contains(document.activeElement);
    // The first step leads to the current one, where nothing had the focus.
    const from = entries.findIndex((entry) => entry === this.#current) - (isAtIt || steps < 0 ? 0 : 1);
    this.focus(entries[Math.min(Math.max(from + steps, 0), entries.length - 1)]);
  }

  /** To the next one that is not decided, else to one above. */
  moveOn() {
    const entries = this.all();
    const here = entries.findIndex((entry) => entry === this.#current);
    const next = [...entries.slice(here + 1), ...entries.slice(0, here)].find((entry) => !entry.isDecided);
    this.focus(next ?? this.#current);
  }

  /** @param {Entry | undefined} entry */
  focus(entry) {
    if (!entry) return;
    this.#makeCurrent(entry);
    entry.element.focus({ preventScroll: true });
    const { top, bottom } = entry.element.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight - barHeight()) entry.element.scrollIntoView({ block: "start" });
  }

  /** Select or leave out the current one. */
  toggle() {
    const entry = this.#current;
    if (!entry || entry.isGone) return;
    entry.checkbox.checked = !entry.checkbox.checked;
    this.#selectedLast = entry;
  }

  /** Select all from the one that was selected last to the current one. */
  selectToHere() {
    const entries = this.all();
    const here = entries.findIndex((entry) => entry === this.#current);
    const last = entries.findIndex((entry) => entry === this.#selectedLast);
    const [from, to] = last < 0 ? [here, here] : [Math.min(here, last), Math.max(here, last)];
    for (const entry of entries.slice(from, to + 1)) entry.checkbox.checked = !entry.isDecided;
    this.#selectedLast = this.#current;
  }

  /** @param {Entry | undefined} entry */
  selectedBy(entry) {
    this.#selectedLast = entry;
  }

  #adopt() {
    const articles = /** @type {NodeListOf<HTMLElement>} */ (this.#list.querySelectorAll("article.queued"));
    for (const article of articles) {
      const id = article.dataset.id ?? "";
      if (!this.#entries.has(id)) this.#entries.set(id, new Entry(article, this.#words));
    }
  }

  /** @param {Entry | undefined} entry */
  #makeCurrent(entry) {
    if (!entry || entry === this.#current) return;
    if (this.#current) {
      this.#current.element.tabIndex = -1;
      this.#current.element.removeAttribute("aria-current");
    }
    this.#current = entry;
    entry.element.tabIndex = 0;
    entry.element.setAttribute("aria-current", "true");
  }
}

/** How much of the screen the bar at its end takes, in px. */
function barHeight() {
  return document.querySelector(".desk-bar")?.getBoundingClientRect().height ?? 0;
}
