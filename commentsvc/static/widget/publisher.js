// Says to who builds a page what is wrong with it. The widget loads it when there is something to say.

/**
 * @typedef {{
 *   element: HTMLElement & { site: string }, SERVICE: string, address(more?: Record<string, string>): string, tell(what: string): void,
 * }} Thread what embed.js gives
 */

export default class Publisher {
  /** @type {Thread} */ #thread;

  /** @param {Thread} thread */
  constructor(thread) {
    this.#thread = thread;
  }

  /** @param {number} [status] of the answer that brought no thread; without one, nothing could be asked */
  async explain(status) {
    this.#thread.tell(status ? await this.#reason(status) : this.#unnamed());
  }

  #unnamed() {
    return 'give it the attribute article, your own ID of the article, such as article="2019/04/kim-vladivostok".';
  }

  /** What the service says of it, and what to do. @param {number} status */
  async #reason(status) {
    const { element, SERVICE, address } = this.#thread;
    const { site } = element;
    // The widget's own request cannot read why it was refused; this one can.
    const asked = SERVICE + address({ lang: "en" });
    const answer = await fetch(asked, { credentials: "omit" }).catch(() => null);
    const problem = await answer?.json().catch(() => null);
    const detail =
      Object.values(problem?.errors ?? {})
        .flat()
        .join(" ") ||
      problem?.detail ||
      "";
    const advice = {
      404:
        problem && site
          ? `there is no site “${site}”; correct the attribute site, or make it with: commentsvc site add ${site} --origin ${location.origin}`
          : `there is no commentsvc at ${SERVICE}; correct the address of embed.js.`,
      422: `article has 1 to 255 characters, order is oldest or newest, page-size is 1 to 200. ${detail}`,
      429: `the service answers nobody more often than its setting COMMENTSVC_RATE_LIMIT_READ says. ${detail}`,
    };
    return (
      /** @type {Record<number, string>} */ (advice)[status] ??
      `${asked} was answered with ${status}; the service's log says why. ${detail}`
    );
  }
}
