// In which language a thread is to be shown.

/**
 * The valid language tag nearest around the element, else the reader's.
 * @param {HTMLElement} element @param {MutationObserver} observer is told of changes
 * @returns {string | undefined}
 */
export function languageOf(element, observer) {
  const tags = [];
  for (let node = /** @type {any} */ (element); node; node = node.parentNode ?? node.host) {
    // out of shadow roots, too
    tags.push(node.getAttribute?.("lang"));
    if (!node.parentNode) observer.observe(node, { subtree: true, attributeFilter: ["lang"] });
  }
  return [...tags, navigator.language].flatMap(validTags)[0];
}

/** @param {string | null} [tag] @returns {string[]} the tag, if it is valid */
function validTags(tag) {
  try {
    return Intl.getCanonicalLocales(tag ?? []);
  } catch {
    return []; // lang="de_AT": another will do
  }
}
