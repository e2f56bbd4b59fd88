// What the page around is told.

/** @param {Element} element @param {"loaded" | "posted" | "error"} name @param {object} detail public data alone */
export function emit(element, name, detail) {
  element.dispatchEvent(new CustomEvent(`comments:${name}`, { bubbles: true, composed: true, detail }));
}
