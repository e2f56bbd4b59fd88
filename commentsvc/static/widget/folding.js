// Comments below another, hidden and shown again.

/** Hide what is below a comment, or show it again as it was. @param {HTMLElement} button */
export function fold(button) {
  const isFolding = button.ariaExpanded === "true";
  button.ariaExpanded = `${!isFolding}`;
  [button.textContent, button.dataset.other] = /** @type {string[]} */ ([
    button.dataset.other,
    button.textContent,
  ]);
  const parent = /** @type {HTMLElement} */ (button.closest("li"));
  const depth = Number(parent.dataset.depth);
  let foldedDepth = Infinity; // of the folded comment that the item is below
  for (let item = parent.nextElementSibling; item instanceof HTMLElement; item = item.nextElementSibling) {
    const itemDepth = Number(item.dataset.depth);
    if (itemDepth <= depth) break;
    if (itemDepth <= foldedDepth) foldedDepth = Infinity;
    item.hidden = isFolding || itemDepth > foldedDepth;
    if (foldedDepth === Infinity && item.querySelector('.fold[aria-expanded="false"]'))
      foldedDepth = itemDepth;
  }
}

/** Unfold all that hides an item. @param {HTMLElement} item */
export function unfold(item) {
  while (item.hidden) {
    let above = /** @type {HTMLElement} */ (item.previousElementSibling);
    while (above.hidden) above = /** @type {HTMLElement} */ (above.previousElementSibling);
    fold(/** @type {HTMLElement} */ (above.querySelector(".fold")));
  }
}
