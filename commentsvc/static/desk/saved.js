// What this browser saves for a moderator: the decisions that wait to be sent, and whether keys are shortcuts.
// A decision is saved with ids alone, under a name of its own, so that two tabs never write the same one.

/** @import { Decision, Waiting } from "./types.js" */

const PREFIX = "commentsvc desk";
const KEYS_OFF = `${PREFIX} keys off`;

/** The decisions of one person that no answer came to yet, in the order in which they were made. */
export class WaitingDecisions {
  /** What the storage did not take, as it is full or forbidden: it lives as long as the page. @type {Map<string, string>} */
  #unsaved = new Map();
  #prefix;
  #last = 0;

  /** @param {string} person an opaque id: somebody else who signs in here sends none of these */
  constructor(person) {
    this.person = person;
    this.#prefix = `${PREFIX} ${person} `;
  }

  /** @returns {Waiting[]} the oldest first */
  all() {
    const saved = [...this.#unsaved.keys(), ...this.#keys()].sort();
    return saved.flatMap((key) => this.#read(key));
  }

  /** @param {Decision} decision @param {string[] | null} undo the comments for which it is undone */
  add(decision, undo) {
    // A clock may go back, and two may be made in the same millisecond.
    this.#last = Math.max(Date.now(), this.#last + 1, ...this.all().map(({ key }) => this.#time(key) + 1));
    const key = `${this.#prefix}${String(this.#last).padStart(15, "0")} ${decision.decision_id}`;
    const value = JSON.stringify({ decision, undo });
    try {
      localStorage.setItem(key, value);
    } catch {
      this.#unsaved.set(key, value);
    }
  }

  /** @param {string} key */
  remove(key) {
    if (!this.#unsaved.delete(key)) localStorage.removeItem(key);
  }

  clear() {
    for (const { key } of this.all()) this.remove(key);
  }

  /** @returns {string[]} */
  #keys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix));
    } catch {
      return [];
    }
  }

  /** @param {string} key */
  #time(key) {
    return Number(key.slice(this.#prefix.length).split(" ")[0]);
  }

  /** @param {string} key @returns {Waiting[]} none where another script wrote there, or another tab removed it */
  #read(key) {
    try {
      const { decision, undo } = JSON.parse(this.#unsaved.get(key) ?? localStorage.getItem(key) ?? "");
      return [{ key, decision, undo }];
    } catch {
      return [];
    }
  }
}

export function areKeysUsed() {
  try {
    return localStorage.getItem(KEYS_OFF) === null;
  } catch {
    return true;
  }
}

/** @param {boolean} isUsed */
export function saveKeysUsed(isUsed) {
  try {
    if (isUsed) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  } catch {
    // Storage is forbidden here: it is so until the page is left.
  }
}
