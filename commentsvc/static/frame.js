// Tells the page around this one how high it is, now and whenever that changes, so that a frame
// can show all of it. Nothing is told to a page of an origin that the site does not allow.
"use strict";

{
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const allowed = script?.dataset.origins?.split(" ") ?? [];

  /** The origins to tell. A browser hands a message over only if the page around is of that origin. */
  function around() {
    const known = location.ancestorOrigins?.[0]; // not in every browser, and "null" where that page hides it
    // The referrer would not do instead: after the first form or link it is this page's own address.
    return !known || known === "null" ? allowed : allowed.filter((origin) => origin === known);
  }

  function tell() {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    for (const origin of around()) parent.postMessage({ commentsvc: "height", height }, origin);
  }

  if (parent !== window) new ResizeObserver(tell).observe(document.documentElement);
}
