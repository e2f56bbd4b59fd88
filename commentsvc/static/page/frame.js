// Tells the page around this one how high it is, now and whenever that changes, so that a frame
// can show all of it. Nothing is told to a page of an origin that the site does not allow.
// And opens a private link: its edit key stands behind the "#", which only a script can read.

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

/** Sends the edit key of a private link by the form that would else ask for it, and forgets the address. */
function openPrivateLink() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-private-link]"));
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  const field = /** @type {HTMLInputElement | null} */ (form?.elements.namedItem("key"));
  if (!form || !field || !key) return;
  field.value = key;
  history.replaceState(null, "", location.pathname + location.search);
  form.requestSubmit();
}

openPrivateLink();
