// Single keys as shortcuts; which there are stands in templates/desk/keys.html for people.

/** @type {Record<string, string>} the names of what the desk does */
const SHORTCUTS = {
  j: "next",
  k: "previous",
  a: "approve",
  h: "hold",
  s: "spam",
  t: "trash",
  g: "reason",
  u: "undo",
  x: "select",
  "shift+x": "select-to",
  e: "open",
  r: "answer",
  "/": "search",
  "?": "help",
};
const REPEATED = new Set(["next", "previous"]); // while the key is held down; a decision is made once

/** What is meant by a key; undefined where it is no shortcut. @param {KeyboardEvent} event */
export function shortcutOf(event) {
  const { defaultPrevented, isComposing, ctrlKey, altKey, metaKey, shiftKey, repeat, target } = event;
  if (defaultPrevented || isComposing || ctrlKey || altKey || metaKey || isField(target)) return undefined;
  const letter = letterOf(event);
  const name = SHORTCUTS[/^[a-z]$/.test(letter) && shiftKey ? `shift+${letter}` : letter];
  return repeat && !REPEATED.has(name) ? undefined : name;
}

/** The letter of a key, where it stands on a keyboard of Latin letters if this one has others. @param {KeyboardEvent} event */
function letterOf({ key, code }) {
  const isLatin = /^[ -~]$/.test(key);
  return isLatin || !code.startsWith("Key") ? key.toLowerCase() : code.slice(3).toLowerCase();
}

/** Whether somebody writes or chooses there. @param {EventTarget | null} target */
function isField(target) {
  if (!(target instanceof HTMLElement)) return false;
  const isBox = target instanceof HTMLInputElement && target.type === "checkbox";
  return target.isContentEditable || (!isBox && target.matches("input, textarea, select"));
}
