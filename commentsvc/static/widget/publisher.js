// Tells the publisher what is wrong with the page. The widget loads it when there is something to tell.

/** @import { WidgetApi } from "./types.js" */

const NO_ARTICLE =
  'give it the attribute article, your own ID of the article, such as article="2019/04/kim-vladivostok".';

export default class Publisher {
  /** @type {WidgetApi} */ #widget;

  /** @param {WidgetApi} widget */
  constructor(widget) {
    this.#widget = widget;
  }

  /** @param {number} [status] of the answer that brought no thread; without one, nothing could be asked for */
  async explain(status) {
    this.#widget.report(status ? await this.#advice(status) : NO_ARTICLE, this.#widget.element);
  }

  /** What the service says of it, and what to do. @param {number} status */
  async #advice(status) {
    const { element, service, url } = this.#widget;
    const { site } = /** @type {HTMLElement & { site: string }} */ (element);
    // The widget's own request cannot read why it was refused; this one can.
    const requested = service + url({ lang: "en" });
    const answer = await fetch(requested, { credentials: "omit" }).catch(() => null);
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
          : `there is no commentsvc at ${service}; correct the address of embed.js.`,
      422: `article has 1 to 255 characters, order is oldest or newest, page-size is 1 to 200. ${detail}`,
      429: `the service answers nobody more often than its setting COMMENTSVC_RATE_LIMIT_READ says. ${detail}`,
    };
    return (
      /** @type {Record<number, string>} */ (advice)[status] ??
      `${requested} was answered with ${status}; the service's log says why. ${detail}`
    );
  }
}
