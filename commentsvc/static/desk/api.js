// Requests of the desk.

const TIMEOUT = 15_000; // ms; then an answer counts as lost

/** Why something was not done; status 0: no whole answer came. */
export class ApiError extends Error {
  /** @param {number} status @param {{ detail?: string, errors?: Record<string, string[]> }} problem @param {number} retryAfter seconds */
  constructor(status, problem = {}, retryAfter = 0) {
    super([problem.detail, ...Object.values(problem.errors ?? {}).flat()].filter(Boolean).join(" "));
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same may be taken later: it was lost, there were too many, or the service is ill. */
  get isPassing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Nobody is signed in here, or somebody else. */
export class SignedOut extends Error {}

/** The service, as the person who is signed in reaches it. */
export class Api {
  #root;
  #token;

  /** @param {string} root the path of the service @param {string} token of the session's writes */
  constructor(root, token) {
    this.#root = root;
    this.#token = token;
  }

  get token() {
    return this.#token;
  }

  /** @param {string} token */
  renew(token) {
    this.#token = token;
  }

  /** @param {string} path @param {object} [body] sent as JSON by POST @returns {Promise<any>} rejected with an ApiError, or SignedOut */
  async request(path, body) {
    const response = await fetch(this.#root + path, {
      method: body ? "POST" : "GET",
      redirect: "manual", // to the page to sign in
      keepalive: Boolean(body), // a decision goes on when the tab is closed
      headers: {
        Accept: "application/json",
        ...(body && { "Content-Type": "application/json", "X-CSRFToken": this.#token }),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT),
    }).catch(() => Promise.reject(new ApiError(0)));
    if (response.type === "opaqueredirect") throw new SignedOut();
    const answer = await response.json().catch(() => null); // none, cut off, or a proxy's own page
    if (response.ok && answer) return answer;
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    throw new ApiError(response.ok ? 0 : response.status, answer ?? {}, retryAfter);
  }
}

/**
 * What changed of what is shown, and who is signed in.
 * @param {Api} api @param {string} [seen] comments as they were read
 * @returns {Promise<import("./types.js").News>} rejected with an ApiError, or SignedOut
 */
export async function requestNews(api, seen = "") {
  try {
    return await api.request(`/moderation/news?seen=${seen}`);
  } catch (error) {
    // Who has to set up a second factor first signs in no less.
    throw error instanceof ApiError && error.status === 403 ? new SignedOut() : error;
  }
}

/**
 * A page of the desk that lists comments, or shows one. Its scripts do not run.
 * @param {string} url @param {URLSearchParams} [sent] by a form, which the page answers
 * @returns {Promise<Document>} rejected with an ApiError, or SignedOut
 */
export function fetchPage(url, sent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch gives text, and no policy for Trusted Types is allowed here to parse it
    request.open(sent ? "POST" : "GET", url);
    request.responseType = "document";
    request.timeout = TIMEOUT;
    request.onload = () => {
      const { status, response } = request;
      if (status !== 200 || !response) reject(new ApiError(status));
      else if (response.querySelector(".queue")) resolve(response);
      else reject(new SignedOut()); // it is the page to sign in
    };
    request.onerror = request.ontimeout = () => reject(new ApiError(0));
    request.send(sent);
  });
}
