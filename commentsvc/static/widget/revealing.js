// Opens what hides the element on its page, as a browser does for an anchor: HTML, "ancestor revealing algorithm".

const UNTIL_FOUND = "[hidden=until-found i]";

/** @param {Element} element */
export function revealAncestors(element) {
  const ancestors = [element];
  for (let parent = parentOf(element); parent; parent = parentOf(parent)) ancestors.push(parent);
  for (const part of ancestors.filter(
    (part, at) => part.matches(UNTIL_FOUND) || isClosed(part, ancestors[at - 1]),
  )) {
    if (!part.isConnected) return; // a listener of the page removed it
    if (part.matches(UNTIL_FOUND)) {
      part.dispatchEvent(new Event("beforematch", { bubbles: true }));
      part.removeAttribute("hidden");
    }
    if (part.localName === "details") part.setAttribute("open", "");
  }
}

/** Whether an ancestor shows its summary alone, and *child*, the one below it, is not that. @param {Element} part @param {Element} child */
function isClosed(part, child) {
  return part.matches("details:not([open])") && child !== part.querySelector(":scope > summary");
}

/** The element in which it is drawn: across slots and shadow roots. @param {Element} element @returns {Element | null | undefined} */
function parentOf(element) {
  return (
    element.assignedSlot ?? element.parentElement ?? /** @type {ShadowRoot} */ (element.getRootNode()).host
  );
}
