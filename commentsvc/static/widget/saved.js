// What this browser saves for the person who writes: the draft, edit keys, and, if they want it, who they are.
// Each name is saved under the URL of the service.

/** @import { WidgetApi } from "./types.js" */

/** What the storage did not take, as it is full or forbidden: it lives as long as the page. @type {Map<string, object>} */
const unsaved = new Map();

/** @param {WidgetApi} widget @param {string} name @returns {any} an object; empty if nothing is saved */
export function readSaved({ service }, name) {
  const key = `${service} ${name}`;
  if (unsaved.has(key)) return unsaved.get(key);
  try {
    return Object(JSON.parse(localStorage.getItem(key) ?? "{}"));
  } catch {
    return {}; // storage is forbidden here, or another script wrote there
  }
}

/** @param {WidgetApi} widget @param {string} name @param {object | null} value null removes it */
export function save({ service }, name, value) {
  const key = `${service} ${name}`;
  unsaved.delete(key);
  try {
    if (value) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
  } catch {
    unsaved.set(key, value ?? {});
  }
}
