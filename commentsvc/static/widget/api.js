// What the service is asked in JSON, and what it may answer.

/** @typedef {{ type?: string, detail?: string, errors?: Record<string, string[]> }} Problem RFC 9457 */

const TIMEOUT = 15_000; // ms until a request without an answer counts as lost

/** Why the service did not take it; status 0: no whole answer came. */
export class Refused extends Error {
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
 * It goes on where the element that asks is taken away: what was posted is to be known.
 * @param {string} address @param {{ headers: Record<string, string>, method?: string, sent?: object, keepalive?: boolean }} how
 * @returns {Promise<any>}
 */
export async function ask(address, { headers, sent, method = sent && "POST", keepalive }) {
  const response = await fetch(address, {
    method,
    keepalive,
    credentials: "omit",
    headers,
    body: sent && JSON.stringify(sent),
    signal: AbortSignal.timeout(TIMEOUT),
  }).catch(() => Promise.reject(new Refused(0)));
  const answer = await response.json().catch(() => null); // none, cut off, or a proxy's own page
  if (response.ok && (answer || response.status > 200)) return { status: response.status, ...answer };
  throw new Refused(response.ok ? 0 : response.status, answer ?? {});
}
