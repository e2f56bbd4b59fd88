// The service that this script came from, and requests for its HTML.

import { noteServiceTime } from "./clock.js";

// A module is never the current script, but every browser names the script in the stack of an error.
const src =
  /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src ??
  /http\S+\/embed[\w-]*\.js/.exec(`${new Error().stack}`)?.[0];

/** Its base URL, which may have a path; empty if it is not known. */
export const SERVICE = src ? new URL(".", src).href : "";

/** @typedef {{ status: number }} RequestError status of the answer; 0: no whole answer came */

/**
 * The body of an HTML answer. XMLHttpRequest parses it without a permission of the page's policy,
 * which innerHTML and DOMParser would need under Trusted Types.
 * @param {string} path @param {AbortSignal} signal
 * @param {(request: XMLHttpRequest) => void} [send] @param {string} [method]
 * @returns {Promise<HTMLElement>} rejected with a RequestError
 */
export function fetchHtml(path, signal, send = (request) => request.send(), method = "GET") {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(method, SERVICE + path);
    request.responseType = "document";
    request.timeout = 15_000; // ms; then it counts as lost
    request.onloadend = () => {
      signal.removeEventListener("abort", abort);
      const { status, response } = request;
      if (status === 200 && response) {
        noteServiceTime(request.getResponseHeader("Date"));
        resolve(response.body);
      } else reject({ status: status === 200 ? 0 : status });
    };
    signal.addEventListener("abort", abort);
    send(request);
  });
}

/** The URL of a page of a thread, relative to the service. @param {import("./types.js").Query} query */
export function pageUrl(query) {
  return `thread/fragment?${new URLSearchParams(/** @type {[string, string][]} */ (Object.entries(query).filter(([, value]) => value)))}`;
}

/** Whether somebody wrote in this browser before, or began to. write.js reads what was saved. */
export function hasSavedState() {
  try {
    return Object.keys(localStorage).some((name) => name.startsWith(`${SERVICE} `));
  } catch {
    return false; // storage is forbidden here
  }
}
