// Fills every element that has data-comment-count="ARTICLE ID" (and data-site, where it is not
// the default one) with the number of that article's public comments, those too that come later.

const MAX_URL_LENGTH = 4000; // characters that every server and proxy between takes
const MAX_ARTICLES = 200; // of one request, says the service
const MAX_ARTICLE_LENGTH = 255;
const DELAY = 100; // ms in which elements that come are requested together

// A module is never the current script, but every browser names the script in the stack of an error.
const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
const src = script ? script.src : /http\S+\/count[\w-]*\.js/.exec(`${new Error().stack}`)?.[0];
const COUNTS = src && new URL("api/v1/counts?", src).href;

/** For which article each element was requested. @type {WeakMap<Element, string>} */
const requested = new WeakMap();
let isScheduled = false;

/** The article ID as the service compares it; empty if it is none. @param {HTMLElement} element */
function articleOf(element) {
  const article = (element.dataset.commentCount ?? "").normalize("NFC");
  return article.trim() && [...article].length <= MAX_ARTICLE_LENGTH ? article : "";
}

/** Those that were not requested yet, or name another article by now. */
function fillNew() {
  isScheduled = false;
  /** @type {Map<string, HTMLElement[]>} */
  const bySite = new Map();
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-comment-count]")
  )) {
    const site = element.dataset.site ?? "";
    const subject = JSON.stringify([site, element.dataset.commentCount]);
    if (requested.get(element) === subject) continue;
    requested.set(element, subject);
    if (articleOf(element)) bySite.set(site, [...(bySite.get(site) ?? []), element]);
    else console.error("count.js: data-comment-count wants an article ID of 1 to 255 characters.", element);
  }
  for (const [site, elements] of bySite) {
    for (const url of urls(site, new Set(elements.map(articleOf)))) fill(url, elements);
  }
}

/** As few URLs as hold them all. @param {string} site @param {Iterable<string>} articles */
function urls(site, articles) {
  const minute = Math.floor(Date.now() / 60_000); // a service worker of the page may cache answers for good
  const start = `${COUNTS}fresh=${minute}&${site && new URLSearchParams({ site }) + "&"}`;
  /** @type {string[]} */
  const full = [];
  let url = start;
  let count = 0;
  for (const article of articles) {
    const more = new URLSearchParams({ article }) + "&";
    if (count === MAX_ARTICLES || (count && url.length + more.length - 1 > MAX_URL_LENGTH)) {
      full.push(url);
      [url, count] = [start, 0];
    }
    url += more;
    count++;
  }
  return [...full, url].map((url) => url.slice(0, -1));
}

/** @param {string} url @param {HTMLElement[]} elements */
async function fill(url, elements) {
  try {
    const response = await fetch(url, { credentials: "omit" });
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
  if (isScheduled) return;
  isScheduled = true;
  setTimeout(fillNew, DELAY);
}

function watch() {
  fillNew();
  const what = { subtree: true, childList: true, attributeFilter: ["data-comment-count", "data-site"] };
  new MutationObserver(fillSoon).observe(document, what);
}

if (!COUNTS) console.error("count.js: load it by a <script src>.");
else if (document.readyState === "loading") addEventListener("DOMContentLoaded", watch);
else watch();
