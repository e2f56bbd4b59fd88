// Requests to the service by who writes, and what it may answer.

/** @import { WidgetApi } from "./types.js" */
/** @typedef {{ type?: string, detail?: string, errors?: Record<string, string[]> }} Problem RFC 9457 */
/** @typedef {{ method?: string, body?: object, key?: string, keepalive?: boolean }} Options `body` is sent as JSON; `key` is the edit key */

/** Why the service did not accept something; status 0: no whole answer came. */
export class ApiError extends Error {
  /** @param {number} status @param {Problem} problem */
  constructor(status, problem = {}) {
    super(problem.detail);
    this.status = status;
    this.type = status ? (problem.type ?? "").replace(/^.*\//, "") : "network";
    this.errors = problem.errors ?? {};
  }
}

/**
 * The JSON that is answered, with its status. A status above 200 says that it is done, whatever became of the body.
 * It goes on when the element is removed: what was posted has to be known.
 * @param {WidgetApi} widget @param {string} path @param {Options} [options]
 * @returns {Promise<any>} rejected with an ApiError
 */
export async function requestJson(widget, path, options = {}) {
  const { body, method = body && "POST", keepalive } = options;
  const response = await fetch(widget.service + path, {
    method,
    keepalive,
    credentials: "omit",
    headers: headersFor(widget, options),
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(15_000), // ms; then it counts as lost
  }).catch(() => Promise.reject(new ApiError(0)));
  const answer = await response.json().catch(() => null); // none, cut off, or a proxy's own page
  if (response.ok && (answer || response.status > 200)) return { status: response.status, ...answer };
  throw new ApiError(response.ok ? 0 : response.status, answer ?? {});
}

/** The body of the HTML that is answered. @param {WidgetApi} widget @param {string} path @param {Options} options */
export function requestHtml(widget, path, options) {
  const { body } = options;
  const headers = { ...headersFor(widget, options), Accept: "text/html" };
  const send = (/** @type {XMLHttpRequest} */ request) => {
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(body && JSON.stringify(body));
  };
  return widget.fetchHtml(path, widget.signal(), send, body && "POST");
}

/** Errors come in the language of the form. @param {WidgetApi} widget @param {Options} options */
function headersFor({ root }, { body, key }) {
  const section = /** @type {HTMLElement | null} */ (root.querySelector(".comments"));
  return {
    "Accept-Language": section?.lang || "en",
    ...(body && { "Content-Type": "application/json" }),
    ...(key && { Authorization: `Bearer ${key}` }),
  };
}

/** The thread, as requests name it. @param {WidgetApi} widget @returns {Record<string, string>} */
export function threadOf({ query }) {
  const { article, site } = /** @type {Record<string, string>} */ (query);
  return site ? { article, site } : { article };
}

/** Makes a URL that was never requested, so that no cache answers, not even one of the page. */
export function uncached() {
  return { fresh: `${Math.random()}` };
}
