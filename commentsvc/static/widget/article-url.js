// The URL of the article, as a comment tells it.

const WITHOUT_QUERY = /^https?:[^?#]*/;

/** The page's own, with its route where it has one behind the "#"; what is in a query may be the reader's alone. */
export function articleUrl() {
  const [page] = WITHOUT_QUERY.exec(location.href) ?? []; // a frame's may be about:srcdoc
  const [route] = /^#(!|[^?#]*\/)[^?#]*/.exec(location.hash) ?? [];
  const { href = "" } =
    /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=canonical]")) ?? {};
  if (page && route) return page + route; // the canonical URL is the same for all routes
  const [loaded] = performance.getEntriesByType("navigation"); // a router keeps the head, and so the canonical URL, of the first page
  if (loaded && loaded.name.split("#")[0] !== location.href.split("#")[0]) return page;
  return (URL.canParse(href) && WITHOUT_QUERY.exec(href)?.[0]) || page;
}
