// What this browser keeps for the person who writes: the draft, edit keys, and, if they want it, who they are.

/** What the browser's storage did not take, as it is full or forbidden: this page knows it until it is closed. @type {Map<string, object>} */
const untaken = new Map();

export class Kept {
  /** @type {string} */ #service;

  /** @param {string} service each thing is kept under its address and a name */
  constructor(service) {
    this.#service = service;
  }

  /** @param {string} name @returns {any} an object; empty if there is none */
  read(name) {
    const key = `${this.#service} ${name}`;
    if (untaken.has(key)) return untaken.get(key);
    try {
      return Object(JSON.parse(localStorage.getItem(key) ?? "{}"));
    } catch {
      return {}; // storage is forbidden here, or another script wrote there: as if nothing were kept
    }
  }

  /** @param {string} name @param {object | null} value null forgets it */
  write(name, value) {
    const key = `${this.#service} ${name}`;
    untaken.delete(key);
    try {
      if (value) localStorage.setItem(key, JSON.stringify(value));
      else localStorage.removeItem(key);
    } catch {
      untaken.set(key, value ?? {});
    }
  }
}
