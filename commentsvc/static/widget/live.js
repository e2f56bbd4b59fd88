// News of others: told by a stream of events while one sees the thread, else looked for once a minute.
// The widget loads it when somebody stays for a while.

import { threadOf } from "./api.js";
import { merge } from "./merging.js";
import { whileFirst } from "./turns.js";

/** @import { WidgetApi } from "./types.js" */

const STYLES = "/* styles */"; // the service puts live.css here
const SPREAD = 1000; // ms in which all who are told of a change fetch it
const AGAIN = 20_000; // ms in which those whose stream ended open another one
const REFUSED = 120_000; // ms until another try after a refusal, doubled with each further one
const LONGEST = 1_800_000; // ms

export default class LiveThread {
  /** @type {WidgetApi} */ #widget;
  #seen = false;
  #visibility = new IntersectionObserver((entries) => {
    this.#seen = entries.at(-1)?.isIntersecting ?? false;
    this.#update();
  });
  /** @type {AbortController | undefined} */ #turn; // ends the stream, or the wait for it
  #told = 0; // new comments that the status line tells of
  #isDue = false; // whether the thread is about to be fetched
  #failures = 0;

  /** @param {WidgetApi} widget */
  constructor(widget) {
    this.#widget = widget;
    widget.addStyles(STYLES);
    this.#update();
  }

  /** Somebody turned to the page, or away from it. */
  #turnTo = () => {
    this.#update();
    this.poll();
  };

  /** Begin or end to listen, as the thread is seen or not. */
  #update() {
    const section = this.#section;
    const isCurrent = this.#widget.isCurrent();
    addEventListener("visibilitychange", this.#turnTo, { signal: this.#widget.signal() }); // another one where it was inserted again
    if (!isCurrent) this.#visibility.disconnect();
    else if (section) this.#visibility.observe(section); // it may be another one by now
    const listens = isCurrent && this.#seen && !document.hidden;
    if (listens === Boolean(this.#turn)) return;
    this.#turn?.abort();
    this.#turn = undefined;
    if (listens) this.#listen((this.#turn = new AbortController()).signal);
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    whileFirst(this.#widget.service, signal, () => this.#stream(signal));
  }

  /** Have a stream, and another one whenever it ends. @param {AbortSignal} signal @returns {Promise<void>} when *signal* is aborted */
  #stream(signal) {
    return new Promise((resolve) => {
      /** @type {EventSource} */ let source;
      /** @type {number} */ let timer;
      const open = (/** @type {boolean} */ again) => {
        let wasOpen = false;
        source = new EventSource(
          `${this.#widget.service}api/v1/thread/events?${new URLSearchParams(threadOf(this.#widget))}`,
        );
        source.addEventListener("changed", () => this.#fetchSoon());
        source.onopen = () => {
          wasOpen = true;
          this.#failures = 0;
          if (again) this.#fetchSoon(); // what changed meanwhile
        };
        // The browser would try again at once, all of them at the same time.
        source.onerror = () => {
          source.close();
          const wait = wasOpen ? AGAIN : Math.min(LONGEST, REFUSED * 2 ** this.#failures++);
          timer = setTimeout(open, wait * (wasOpen ? Math.random() : 0.5 + Math.random()), true);
        };
      };
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        source.close();
        resolve();
      });
      open(false);
    });
  }

  #fetchSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(async () => {
      this.#isDue = false; // what changes from now on is another event
      await this.#fetch().catch(() => this.poll());
    }, Math.random() * SPREAD);
  }

  /** Bring what is shown up to date; nothing moves while one reads. */
  async #fetch() {
    const widget = this.#widget;
    const shown = widget.root.querySelectorAll(".thread > li").length;
    const pageSize = widget.element.getAttribute("page-size") ?? "";
    const limit = shown >= Number(pageSize || 100) ? "200" : pageSize;
    const page = await widget.fetchPage(widget.url({ limit, fresh: `${Math.random()}` })); // past a service worker of the page
    if (!widget.isCurrent()) return;
    const added = await merge(widget, page);
    const section = this.#section;
    this.#update();
    if (!section) return;
    this.#offer(section, Number(page.section.dataset.count) - Number(section.dataset.count));
    const status = /** @type {HTMLElement} */ (section.querySelector(".status"));
    if (added <= 0) return;
    const before = this.#told && label(section, this.#told);
    if (status.textContent !== before) this.#told = 0;
    if (!status.textContent || this.#told) status.textContent = label(section, (this.#told += added));
  }

  /** Look for new comments; a button tells of them, and nothing moves while one reads. */
  async poll() {
    const widget = this.#widget;
    const section = this.#section;
    if (!section || document.hidden || !widget.isCurrent() || !widget.element.isConnected) return;
    const fresh = `${Math.floor(Date.now() / 60_000)}`; // of this minute: a service worker of the page may cache answers for good
    const search = new URLSearchParams({ ...threadOf(widget), fresh });
    const answer = await fetch(`${widget.service}api/v1/counts?${search}`, {
      credentials: "omit",
      signal: widget.signal(),
    }).catch(() => null);
    const { counts = {} } = (await answer?.json().catch(() => null)) ?? {};
    const headers = answer?.headers;
    const now = Date.parse(headers?.get("Date") ?? "") + 1000 * Number(headers?.get("Age"));
    if (now) widget.setTime(now);
    if (section !== this.#section) return;
    widget.localise(section); // it is a minute later
    const count = Math.max(0, .../** @type {number[]} */ (Object.values(counts)));
    this.#offer(section, count - Number(section.dataset.count));
  }

  /** @param {HTMLElement} section @param {number} added of comments that are not shown */
  #offer(section, added) {
    if (added <= 0) return;
    const button = /** @type {HTMLElement} */ (section.querySelector(".fresh"));
    button.textContent = label(section, added);
    button.hidden = false;
  }

  get #section() {
    return /** @type {HTMLElement | null} */ (this.#widget.root.querySelector("section.comments"));
  }
}

/** @param {HTMLElement} section @param {number} added */
function label(section, added) {
  const { said } = /** @type {HTMLElement} */ (section.querySelector(".fresh")).dataset;
  const labels = JSON.parse(/** @type {string} */ (said));
  return labels[new Intl.PluralRules(section.lang).select(added)]?.replace("#", `${added}`) ?? "";
}
