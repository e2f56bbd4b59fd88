// What a reader does after the first look: pages, another order, folding, and news of others.
// The widget loads it when somebody comes near such a button, or stays for a while.

/**
 * @typedef {{ section: HTMLElement, comments: Element[] }} Page
 * @typedef {{
 *   element: HTMLElement, root: ShadowRoot, article: string, site: string, current: boolean, signal: AbortSignal,
 *   SERVICE: string, now: number, address(more?: Record<string, string>): string, fetch(address: string): Promise<Page>,
 *   show(page: Page): Promise<void>, grow(list: Element, comments: Element[]): Promise<void>, mark(): Promise<void>, dress(text: string): void, speak(part: Element): void, focus(id: string): boolean,
 *   say(what?: "unread"): void, emit(name: "error", detail: object): void,
 * }} Thread what embed.js gives
 */

const STYLES = "/* styles */"; // the service puts follow.css here

const UNTIL_FOUND = "[hidden=until-found i]";

export default class Follower {
  /** @type {Thread} */ #thread;

  /** @param {Thread} thread */
  constructor(thread) {
    this.#thread = thread;
    thread.dress(STYLES);
  }

  /** A link or button was pressed whose class says what it does. @param {HTMLAnchorElement} on */
  act(on) {
    /** @type {Record<string, () => void>} */ ({
      fold: () => fold(on),
      next: () => this.#more(on),
      first: () => this.#begin(on),
      fresh: () => this.#renew(),
    })[on.classList[0]]();
  }

  /** A comment that is not here is looked for, and the page of the thread shown that holds it. @param {string} comment */
  async bring(comment) {
    const { address, fetch, show, focus, say } = this.#thread;
    const id = `comment-${comment}`;
    const page = await fetch(address({ comment })).catch(() => null);
    if (!this.#thread.current) return;
    if (!page) return say("unread");
    if (!page.comments.some((item) => item.firstElementChild?.id === id)) return; // of another thread, or gone
    await show(page);
    focus(id);
  }

  /** Open all that hides a comment, and go there. @param {HTMLElement} comment */
  reveal(comment) {
    const item = /** @type {HTMLElement} */ (comment.closest("li"));
    while (item.hidden) {
      let above = /** @type {HTMLElement} */ (item.previousElementSibling);
      while (above.hidden) above = /** @type {HTMLElement} */ (above.previousElementSibling);
      fold(/** @type {HTMLElement} */ (above.querySelector(".fold")));
    }
    open(this.#thread.element);
    comment.focus();
    comment.scrollIntoView({ block: "nearest" });
  }

  // Another view of the thread

  /** It takes the place of what is shown; what somebody writes stays, and so does the focus. @param {Page} page */
  async replace({ section, comments }) {
    const { root, grow } = this.#thread;
    await grow(/** @type {Element} */ (section.querySelector(".thread")), comments);
    const shown = this.#part(".comments");
    const form = root.querySelector("form");
    const next = section.querySelector("form");
    const active = /** @type {HTMLElement | null} */ (root.activeElement);
    const stays = next || form?.text.value; // closed meanwhile, it keeps its words
    if (form && stays && shown.lang === section.lang) this.#renewAround(form, shown, section);
    else {
      shown.replaceWith(section);
      if (form && next) fill(next, form, active);
    }
    if (form?.isConnected && form.contains(active)) active?.focus({ preventScroll: true });
  }

  /** @param {HTMLFormElement} form @param {HTMLElement} shown @param {HTMLElement} section */
  #renewAround(form, shown, section) {
    const answered = form.closest("li");
    shown.dataset.count = section.dataset.count;
    this.#part(".home").append(form);
    this.#part(".home").before(this.#part(".status"));
    for (const part of [".heading", ".discussion"]) {
      this.#part(part).replaceWith(/** @type {Element} */ (section.querySelector(part)));
    }
    if (answered)
      this.#thread.root.getElementById(/** @type {Element} */ (answered.firstElementChild).id)?.after(form);
  }

  /** The rest of a longer thread: below what is shown. @param {HTMLAnchorElement} link */
  #more(link) {
    const { root, grow, focus, mark } = this.#thread;
    return this.#follow(link, async ({ section, comments }) => {
      const following = section.querySelector(".next");
      const list = this.#part(".thread");
      await grow(list, comments);
      const active = /** @type {HTMLElement | null} */ (root.activeElement);
      for (const arrived of [...list.children].slice(-comments.length)) {
        // One's own may stand here already, with the form in it or a deletion that can be undone.
        const earlier = root
          .getElementById(/** @type {Element} */ (arrived.firstElementChild).id)
          ?.closest("li");
        if (earlier && earlier !== arrived) arrived.replaceWith(earlier);
      }
      await mark();
      if (following) link.replaceWith(following);
      else link.parentElement?.remove();
      if (active && active !== link)
        active.focus({ preventScroll: true }); // the person went on
      else focus(comments[0].firstElementChild?.id ?? "");
    });
  }

  /** Its beginning, in one order or the other. @param {HTMLAnchorElement} link */
  #begin(link) {
    return this.#follow(link, async (page) => {
      await this.#thread.show(page);
      this.#thread.focus(this.#part(".comment")?.id);
    });
  }

  /** @param {HTMLAnchorElement} link @param {(page: Page) => Promise<void>} then */
  async #follow(link, then) {
    const { fetch, say, emit } = this.#thread;
    if (link.ariaBusy) return;
    link.ariaBusy = "true";
    try {
      const page = await fetch(`thread/fragment${link.search}`);
      if (!this.#thread.current) return;
      say();
      await then(page);
    } catch (error) {
      const { status } = /** @type {{ status: number }} */ (error);
      say("unread");
      emit("error", { status, type: status ? "" : "network" });
    } finally {
      link.ariaBusy = null;
    }
  }

  // News of others

  /** Whether there are new comments; a button tells of them, and nothing moves under one's eyes. */
  async watch() {
    const { SERVICE, article, site, signal, root } = this.#thread;
    const section = this.#part(".comments");
    const fresh = `${Math.floor(Date.now() / 60_000)}`; // of this minute: a service worker of the page's may keep an answer for good
    const query = new URLSearchParams({ article, ...(site && { site }), fresh });
    const answer = await fetch(`${SERVICE}api/v1/counts?${query}`, { credentials: "omit", signal }).catch(
      () => null,
    );
    const { counts = {} } = (await answer?.json().catch(() => null)) ?? {};
    const headers = answer?.headers;
    const now = Date.parse(headers?.get("Date") ?? "") + 1000 * Number(headers?.get("Age"));
    if (now) this.#thread.now = now;
    if (section !== root.querySelector(".comments")) return;
    this.#thread.speak(section); // it is a minute later
    const more =
      Math.max(0, .../** @type {number[]} */ (Object.values(counts))) - Number(section.dataset.count);
    if (more <= 0) return;
    const button = this.#part(".fresh");
    const said = JSON.parse(/** @type {string} */ (button.dataset.said));
    button.textContent =
      said[new Intl.PluralRules(section.lang).select(more)]?.replace("#", String(more)) ?? "";
    button.hidden = false;
  }

  async #renew() {
    const { element, root, address, fetch, show, focus, say } = this.#thread;
    const button = this.#part(".fresh");
    const before = new Set([...root.querySelectorAll(".comment")].map(({ id }) => id));
    const pageSize = element.getAttribute("page-size") ?? "";
    const limit = before.size > Number(pageSize || 100) ? "200" : pageSize;
    button.hidden = true;
    try {
      const page = await fetch(address({ limit, fresh: `${Math.random()}` })); // past a service worker of the page's
      if (!this.#thread.current) return;
      await show(page);
      const added = [...root.querySelectorAll(".comment")].find(({ id }) => !before.has(id));
      if (!focus(added?.id ?? "")) this.#part(".next")?.focus();
    } catch {
      button.hidden = false;
      say("unread");
    }
  }

  /** @param {string} selector */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.#thread.root.querySelector(selector));
  }
}

/** Take over what another form holds, and the focus: it is in another language. @param {HTMLFormElement} form @param {HTMLFormElement} old @param {Element | null} active */
function fill(form, old, active) {
  for (const from of /** @type {Iterable<HTMLInputElement>} */ (old.elements)) {
    const field = /** @type {HTMLInputElement | null} */ (form.elements.namedItem(from.name));
    if (!field) continue; // a button
    [field.value, field.checked] = [from.value, from.checked];
    if (from !== active) continue;
    field.focus({ preventScroll: true });
    if (from.name === "text") field.setSelectionRange(from.selectionStart, from.selectionEnd);
  }
}

/** Open all that an element is in, as a browser does for an anchor: HTML, "ancestor revealing algorithm". @param {Element} element */
function open(element) {
  const around = [element];
  for (let outer = parentOf(element); outer; outer = parentOf(outer)) around.push(outer);
  for (const part of around.filter(
    (part, at) => part.matches(UNTIL_FOUND) || isClosed(part, around[at - 1]),
  )) {
    if (!part.isConnected) return; // a listener of the page took it away
    if (part.matches(UNTIL_FOUND)) {
      part.dispatchEvent(new Event("beforematch", { bubbles: true }));
      part.removeAttribute("hidden");
    }
    if (part.localName === "details") part.setAttribute("open", "");
  }
}

/** Whether it shows its summary alone, and that is not what we are in. @param {Element} part @param {Element} inner what it holds of us */
function isClosed(part, inner) {
  return part.matches("details:not([open])") && inner !== part.querySelector(":scope > summary");
}

/** The element in which it is drawn: across slots and shadow roots. @param {Element} element @returns {Element | null | undefined} */
function parentOf(element) {
  return (
    element.assignedSlot ?? element.parentElement ?? /** @type {ShadowRoot} */ (element.getRootNode()).host
  );
}

/** Hide what is below a comment, or show it again as it was. @param {HTMLElement} button */
function fold(button) {
  const folded = button.ariaExpanded === "true";
  button.ariaExpanded = String(!folded);
  [button.textContent, button.dataset.other] = /** @type {string[]} */ ([
    button.dataset.other,
    button.textContent,
  ]);
  const own = /** @type {HTMLElement} */ (button.closest("li"));
  const depth = Number(own.dataset.depth);
  let within = Infinity; // the depth of a folded comment that we are below
  for (let item = own.nextElementSibling; item instanceof HTMLElement; item = item.nextElementSibling) {
    const here = Number(item.dataset.depth);
    if (here <= depth) break;
    if (here <= within) within = Infinity;
    item.hidden = folded || here > within;
    if (within === Infinity && item.querySelector('.fold[aria-expanded="false"]')) within = here;
  }
}
