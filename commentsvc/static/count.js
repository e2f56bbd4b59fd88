// Fills every element that has data-comment-count="ARTICLE ID" (and data-site, where it is not
// the default one) with the number of that article's public comments.
"use strict";

{
  const LONGEST_ADDRESS = 4000; // characters that every server and proxy between takes
  const MOST_ARTICLES = 200; // of one request, says the service
  const LONGEST_ARTICLE = 255;

  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const COUNTS = new URL("api/v1/counts?", script?.src || location.href).href;

  /** The article ID as the service compares it; empty if it is none. @param {HTMLElement} element */
  function articleOf(element) {
    const article = (element.dataset.commentCount ?? "").normalize("NFC");
    return article.trim() && [...article].length <= LONGEST_ARTICLE ? article : "";
  }

  function fillAll() {
    /** @type {Map<string, HTMLElement[]>} */
    const bySite = new Map();
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-comment-count]"))) {
      const site = element.dataset.site ?? "";
      if (articleOf(element)) bySite.set(site, [...(bySite.get(site) ?? []), element]);
      else console.error("count.js: data-comment-count wants an article ID of 1 to 255 characters.", element);
    }
    for (const [site, elements] of bySite) {
      for (const address of addresses(site, new Set(elements.map(articleOf)))) fill(address, elements);
    }
  }

  /** As few addresses as hold them all. @param {string} site @param {Iterable<string>} articles */
  function addresses(site, articles) {
    const start = COUNTS + (site && new URLSearchParams({ site }) + "&");
    /** @type {string[]} */
    const full = [];
    let address = start;
    let many = 0;
    for (const article of articles) {
      const more = new URLSearchParams({ article }) + "&";
      if (many === MOST_ARTICLES || (many && address.length + more.length - 1 > LONGEST_ADDRESS)) {
        full.push(address);
        [address, many] = [start, 0];
      }
      address += more;
      many++;
    }
    return [...full, address].map((found) => found.slice(0, -1));
  }

  /** @param {string} address @param {HTMLElement[]} elements */
  async function fill(address, elements) {
    try {
      const response = await fetch(address, { credentials: "omit" });
      if (!response.ok) throw new Error(`the service answered ${response.status}`);
      const { counts } = /** @type {{ counts: Record<string, number> }} */ (await response.json());
      for (const element of elements) {
        const article = articleOf(element);
        if (Object.hasOwn(counts, article)) element.textContent = String(counts[article]);
      }
    } catch (error) {
      console.error("count.js: the numbers of comments could not be loaded.", error); // what stood there stays
    }
  }

  if (!script?.src) console.error("count.js: load it by a <script src>, which says where the service is.");
  else if (document.readyState === "loading") addEventListener("DOMContentLoaded", fillAll);
  else fillAll();
}
