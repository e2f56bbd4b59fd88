// Which keys a text field uses.

/** Whether a text field has no use for that key, so that it may be a shortcut of the page. @param {KeyboardEvent} event */
export function isShortcut({ key, ctrlKey, metaKey, altKey }) {
  if (altKey || !(ctrlKey || metaKey)) return /^(Tab|F\d+)$/.test(key); // Alt writes letters, alone (macOS) or with Ctrl (Windows)
  return /^[^acvxyz]$/i.test(key); // select all, copy, paste, cut, redo, undo
}
