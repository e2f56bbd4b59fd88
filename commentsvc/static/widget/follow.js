// What a reader does after the first look: pages, another order, folding, and those new comments that one asks for.
// The widget loads it when somebody comes near such a button.

import { fold, unfold } from "./folding.js";
import { revealAncestors } from "./revealing.js";

/** @import { Page, WidgetApi } from "./types.js" */

const STYLES = "/* styles */"; // the service puts follow.css here

export default class ThreadNavigation {
  /** @type {WidgetApi} */ #widget;

  /** @param {WidgetApi} widget */
  constructor(widget) {
    this.#widget = widget;
    widget.addStyles(STYLES);
  }

  /** A link or button was pressed; its class names the action. @param {HTMLAnchorElement} target */
  act(target) {
    /** @type {Record<string, () => void>} */ ({
      fold: () => fold(target),
      next: () => this.#showMore(target),
      first: () => this.#showFirst(target),
      fresh: () => this.#showNew(),
    })[target.classList[0]]();
  }

  /** Show the page of the thread that holds a comment, and go there. @param {string} comment its id */
  async goTo(comment) {
    const widget = this.#widget;
    const id = `comment-${comment}`;
    const page = await widget.fetchPage(widget.url({ comment })).catch(() => null);
    if (!widget.isCurrent()) return;
    if (!page) return widget.showStatus("unread");
    if (!page.comments.some((item) => item.firstElementChild?.id === id)) return; // of another thread, or gone
    await widget.showPage(page);
    widget.focus(id);
  }

  /** Open all that hides a comment, and go there. @param {HTMLElement} comment */
  reveal(comment) {
    unfold(/** @type {HTMLElement} */ (comment.closest("li")));
    revealAncestors(this.#widget.element);
    comment.scrollIntoView({ block: "nearest" }); // before the focus, which WebKit refuses to what it did not draw yet
    comment.focus();
  }

  // Another page of the thread

  /** Replace what is shown; what somebody writes stays, and so does the focus. @param {Page} page */
  async replace({ section, comments }) {
    const { root, append } = this.#widget;
    await append(/** @type {Element} */ (section.querySelector(".thread")), comments);
    const current = this.#find(".comments");
    const form = root.querySelector("form");
    const newForm = section.querySelector("form");
    const active = /** @type {HTMLElement | null} */ (root.activeElement);
    const keepsForm = newForm || form?.text.value; // a thread that was closed by now keeps the words
    if (form && keepsForm && current.lang === section.lang) this.#replaceAround(form, current, section);
    else {
      current.replaceWith(section);
      if (form && newForm) copyForm(form, newForm, active);
    }
    if (form?.isConnected && form.contains(active)) active?.focus({ preventScroll: true });
  }

  /** @param {HTMLFormElement} form @param {HTMLElement} current @param {HTMLElement} section */
  #replaceAround(form, current, section) {
    const parent = form.closest("li");
    current.dataset.count = section.dataset.count;
    const home = this.#find(".home");
    home.append(form);
    home.before(this.#find(".status"));
    for (const part of [".heading", ".discussion"]) {
      this.#find(part).replaceWith(/** @type {Element} */ (section.querySelector(part)));
    }
    if (parent)
      this.#widget.root.getElementById(/** @type {Element} */ (parent.firstElementChild).id)?.after(form);
  }

  /** The next page, below what is shown. @param {HTMLAnchorElement} link */
  #showMore(link) {
    const widget = this.#widget;
    return this.#follow(link, async ({ section, comments }) => {
      const nextLink = section.querySelector(".next");
      const list = this.#find(".thread");
      await widget.append(list, comments);
      const active = /** @type {HTMLElement | null} */ (widget.root.activeElement);
      for (const item of [...list.children].slice(-comments.length)) {
        // One's own may be here already, with the form in it or a deletion that can be undone.
        const earlier = widget.root
          .getElementById(/** @type {Element} */ (item.firstElementChild).id)
          ?.closest("li");
        if (earlier && earlier !== item) item.replaceWith(earlier);
      }
      await widget.markOwn();
      if (nextLink) link.replaceWith(nextLink);
      else link.parentElement?.remove();
      if (active && active !== link)
        active.focus({ preventScroll: true }); // the person went on
      else widget.focus(comments[0].firstElementChild?.id ?? "");
    });
  }

  /** The first page, in one order or the other. @param {HTMLAnchorElement} link */
  #showFirst(link) {
    const widget = this.#widget;
    return this.#follow(link, async (page) => {
      await widget.showPage(page);
      widget.focus(this.#find(".comment")?.id);
    });
  }

  /** @param {HTMLAnchorElement} link @param {(page: Page) => Promise<void>} show */
  async #follow(link, show) {
    const widget = this.#widget;
    if (link.ariaBusy) return;
    link.ariaBusy = "true";
    try {
      const page = await widget.fetchPage(`thread/fragment${link.search}`);
      if (!widget.isCurrent()) return;
      widget.showStatus();
      await show(page);
    } catch (error) {
      const { status } = /** @type {{ status: number }} */ (error);
      widget.showStatus("unread");
      widget.emit(widget.element, "error", { status, type: status ? "" : "network" });
    } finally {
      link.ariaBusy = null;
    }
  }

  // New comments

  async #showNew() {
    const widget = this.#widget;
    const button = this.#find(".fresh");
    const ids = () => [...widget.root.querySelectorAll(".comment")].map(({ id }) => id);
    const before = new Set(ids());
    const pageSize = widget.element.getAttribute("page-size") ?? "";
    const limit = before.size > Number(pageSize || 100) ? "200" : pageSize;
    button.hidden = true;
    try {
      const page = await widget.fetchPage(widget.url({ limit, fresh: `${Math.random()}` })); // past a service worker of the page
      if (!widget.isCurrent()) return;
      await widget.showPage(page);
      const added = ids().find((id) => !before.has(id));
      if (!widget.focus(added ?? "")) this.#find(".next")?.focus();
    } catch {
      button.hidden = false;
      widget.showStatus("unread");
    }
  }

  /** @param {string} selector */
  #find(selector) {
    return /** @type {HTMLElement} */ (this.#widget.root.querySelector(selector));
  }
}

/** Copy what a form holds, and its focus, into one in another language. @param {HTMLFormElement} from @param {HTMLFormElement} to @param {Element | null} active */
function copyForm(from, to, active) {
  const [name, newName] = [from, to].map((form) => /** @type {Element} */ (form.querySelector(".answered")));
  newName.replaceWith(name);
  for (const source of /** @type {Iterable<HTMLInputElement>} */ (from.elements)) {
    const field = /** @type {HTMLInputElement | null} */ (to.elements.namedItem(source.name));
    if (!field) continue; // a button
    [field.value, field.checked] = [source.value, source.checked];
    if (source !== active) continue;
    field.focus({ preventScroll: true });
    if (source.name === "text") field.setSelectionRange(source.selectionStart, source.selectionEnd);
  }
}
