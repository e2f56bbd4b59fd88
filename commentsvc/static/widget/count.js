// Fills every element that has data-comment-count="ARTICLE ID" (and data-site, where it is not
// the default one) with the number of that article's public comments, those too that come later.
"use strict";

{
  const LONGEST_ADDRESS = 4000; // characters that every server and proxy between takes
  const MOST_ARTICLES = 200; // of one request, says the service
  const LONGEST_ARTICLE = 255;
  const GATHER = 100; // ms in which elements that come are asked for together

  // A module is never the current script. But where an error arises is said in its stack, in every browser.
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const src = script ? script.src : /http\S+\/count[\w-]*\.js/.exec(`${new Error().stack}`)?.[0];
  const COUNTS = src && new URL("api/v1/counts?", src).href;

  /** For which article each element was asked for. @type {WeakMap<Element, string>} */
  const asked = new WeakMap();
  let waiting = false;

  /** The article ID as the service compares it; empty if it is none. @param {HTMLElement} element */
  function articleOf(element) {
    const article = (element.dataset.commentCount ?? "").normalize("NFC");
    return article.trim() && [...article].length <= LONGEST_ARTICLE ? article : "";
  }

  /** Those that were not asked for yet, or name another article meanwhile. */
  function fillNew() {
    waiting = false;
    /** @type {Map<string, HTMLElement[]>} */
    const bySite = new Map();
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (
      document.querySelectorAll("[data-comment-count]")
    )) {
      const site = element.dataset.site ?? "";
      const subject = JSON.stringify([site, element.dataset.commentCount]);
      if (asked.get(element) === subject) continue;
      asked.set(element, subject);
      if (articleOf(element)) bySite.set(site, [...(bySite.get(site) ?? []), element]);
      else console.error("count.js: data-comment-count wants an article ID of 1 to 255 characters.", element);
    }
    for (const [site, elements] of bySite) {
      for (const address of addresses(site, new Set(elements.map(articleOf)))) fill(address, elements);
    }
  }

  /** As few addresses as hold them all. @param {string} site @param {Iterable<string>} articles */
  function addresses(site, articles) {
    const minute = Math.floor(Date.now() / 60_000); // a service worker of the page's may keep an answer for good
    const start = `${COUNTS}fresh=${minute}&${site && new URLSearchParams({ site }) + "&"}`;
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

  /** Pages add elements one by one, and change them. */
  function fillSoon() {
    if (waiting) return;
    waiting = true;
    setTimeout(fillNew, GATHER);
  }

  function watch() {
    fillNew();
    const what = { subtree: true, childList: true, attributeFilter: ["data-comment-count", "data-site"] };
    new MutationObserver(fillSoon).observe(document, what);
  }

  if (!COUNTS) console.error("count.js: load it by a <script src>.");
  else if (document.readyState === "loading") addEventListener("DOMContentLoaded", watch);
  else watch();
}
