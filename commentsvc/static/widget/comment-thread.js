// <comment-thread article="…">. Read it as the life of the element: connect, load, show, and hand on to
// the parts. All markup comes from the service's templates.

import { ATTRIBUTES, defineProperties, upgradeProperties } from "./attributes.js";
import { mayBeOff, showTimes, setTime, timeFormats } from "./clock.js";
import { appendComments, nextFrame } from "./drawing.js";
import { emit } from "./events.js";
import { isShortcut } from "./keys.js";
import { languageOf } from "./language.js";
import { loadPart } from "./parts.js";
import { hashCommentId, permalink } from "./permalinks.js";
import { report } from "./report.js";
import { pageUrl, hasSavedState, fetchHtml, SERVICE } from "./service.js";

/** @import { Field, Page, Query, Status, WidgetApi } from "./types.js" */
/** @import { Parts } from "./parts.js" */

const POLL_INTERVAL = 60_000; // ms between two checks for new comments
const GLANCE = 2000; // ms: who is gone by then needs no news
const IS_PUBLIC = location.protocol.startsWith("http"); // whether others can open the page: not about:srcdoc

const { navigation = window } = /** @type {{ navigation?: EventTarget }} */ (/** @type {unknown} */ (window));

let hasWritten = false; // whether somebody wrote in this page, whatever its storage saved

export class CommentThread extends HTMLElement {
  static observedAttributes = ATTRIBUTES;
  /** @type {string} */
  static styles;

  #root = this.attachShadow({ mode: "open" });
  #states = this.attachInternals().states;
  #fallback = document.createElement("slot"); // the link within the element
  #connection = new AbortController(); // ends what an element that is removed has no more use for
  /** @type {HTMLElement | null | undefined} */
  #focused; // has the focus, or had it when the element was removed
  /** @type {string | undefined} */
  #handledKey; // the key that was pressed last, if nobody else is to handle it
  #styles = CommentThread.styles; // and those of the parts
  #currentLoad = new AbortController(); // ends a load that another one overtakes, too
  #visibility = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#visibility.disconnect();
      this.#load();
    },
    { rootMargin: "1000px" }, // a lazy thread is loaded when it is this near to being seen
  );
  #languages = new MutationObserver(() => this.#scheduleUpdate()); // of the elements around it
  /** @type {number | undefined} */
  #pollTimer;
  /** @type {boolean | undefined} */
  #updateIsScheduled;
  #shownQuery = /** @type {Query} */ ({});
  #requestedUrl = ""; // of what is shown, or is being loaded
  #subject = ""; // site and article that are shown: drafts and tokens belong to them
  #followedUrl = permalink(hashCommentId()); // of the page, with the comment that it names
  /** @type {{ [name in keyof Parts]?: Promise<Parts[name]> }} those that are loaded for this subject */
  #parts = {};
  #failures = 0; // to load a part

  constructor() {
    super();
    this.#applyStyles();
    this.#root.append(this.#fallback);
    this.#root.addEventListener("click", (event) => this.#onClick(/** @type {MouseEvent} */ (event)));
    for (const type of ["focusin", "input", "submit"]) {
      this.#root.addEventListener(type, (event) => this.#onFormEvent(event));
    }
    // Removing the element does not end its focus; after a microtask it is no longer connected.
    this.#root.addEventListener("focusout", () =>
      queueMicrotask(() => {
        if (this.isConnected) this.#focused = /** @type {HTMLElement | null} */ (this.#root.activeElement);
      }),
    );
  }

  static {
    defineProperties(this.prototype);
  }

  get closed() {
    return this.hasAttribute("closed");
  }
  set closed(value) {
    this.toggleAttribute("closed", Boolean(value));
  }

  // Connect

  /** Inserted or moved, by moveBefore too: the new place may be in another language, and Firefox takes the focus from a text. */
  connectedCallback() {
    upgradeProperties(this);
    const { signal } = this.#connection;
    if (!this.#pollTimer) {
      // it is inserted; else it is moved
      // All but the first are for browsers without a Navigation API.
      for (const type of ["currententrychange", "hashchange", "pointerover"]) {
        navigation.addEventListener(type, () => this.#followUrl(), { signal });
      }
      // On paper nobody scrolls to it.
      addEventListener("beforeprint", () => this.#load(), { signal });
      matchMedia("print").addEventListener("change", () => this.#load(), { signal }); // some who print tell this alone
      this.#pollTimer = setInterval(() => this.#poll(), POLL_INTERVAL);
    }
    // Another document has another window; the same window adds a listener once.
    for (const type of /** @type {const} */ (["keydown", "keypress", "keyup"]))
      this.ownerDocument.defaultView?.addEventListener(type, this.#onKey, { signal, capture: true });
    if (!this.ownerDocument.activeElement?.matches(":not(body)"))
      this.#focused?.focus({ preventScroll: true });
    this.#scheduleUpdate();
  }

  /** Browsers drop style sheets that another document made. */
  adoptedCallback() {
    this.#applyStyles();
  }

  /** Within a second it counts as moved: routers take some tasks to insert it again. */
  disconnectedCallback() {
    setTimeout(() => {
      if (this.isConnected) return; // it was moved
      this.#connection.abort();
      this.#connection = new AbortController(); // it may be inserted again all the same
      this.#languages.disconnect();
      clearInterval(this.#pollTimer);
      this.#pollTimer = this.#focused = undefined;
    }, 1000);
  }

  /** @param {string} [css] of a part, to add */
  #applyStyles(css = "") {
    const view = this.ownerDocument.defaultView;
    if (!this.#styles.includes(css)) this.#styles += css;
    if (!view) return; // in a document that nobody sees; another one comes
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(this.#styles);
    this.#root.adoptedStyleSheets = [sheet];
  }

  attributeChangedCallback() {
    this.#scheduleUpdate();
  }

  /** Do what the attributes say now, once for all that change together. */
  #scheduleUpdate() {
    if (this.#updateIsScheduled) return;
    this.#updateIsScheduled = true;
    queueMicrotask(() => {
      this.#updateIsScheduled = false;
      if (!this.isConnected) return;
      if (!SERVICE) return report("load embed.js by a <script src>.", this);
      this.#visibility.disconnect();
      if (!this.#article.trim()) return this.#explain();
      if (!this.#section) this.#states.add("waiting");
      if (this.#requestedUrl || this.getAttribute("loading") === "eager" || hashCommentId()) this.#load();
      else this.#visibility.observe(this.#root.children[0]); // the element may have no box of its own
    });
  }

  // Load

  async #load() {
    if (!this.#article.trim()) return;
    const query = this.#query;
    const comment = this.#isCurrent ? undefined : hashCommentId();
    const url = pageUrl(query);
    if (url === this.#requestedUrl) return;
    this.#requestedUrl = url;
    this.#currentLoad.abort();
    this.#currentLoad = new AbortController();
    const { signal } = this.#currentLoad;
    try {
      const loading = this.#fetchPage(pageUrl({ ...query, comment }), signal);
      setTimeout(() => timeFormats(query.lang || "en")); // while we wait: a browser takes a while to load them
      const page = await loading;
      if (signal.aborted) return;
      this.#shownQuery = query;
      await this.#showPage(page);
      if (signal.aborted) return;
      if (!this.isConnected) {
        this.#requestedUrl = this.#followedUrl = ""; // nobody would hear of it: it is loaded again where it is inserted
        return;
      }
      if (comment) this.#focus(`comment-${comment}`);
      this.#followUrl();
      setTimeout(() => this.#poll(), mayBeOff(POLL_INTERVAL) ? 0 : GLANCE); // its answer tells the time, too
      emit(this, "loaded", { article: query.article, count: Number(page.section.dataset.count) });
    } catch (error) {
      if (!signal.aborted)
        await this.#loadFailed(/** @type {import("./service.js").RequestError} */ (error), signal);
    }
  }

  get #language() {
    return languageOf(this, this.#languages);
  }

  /** Whether the thread that the attributes name is shown. */
  get #isCurrent() {
    return this.#subject === subjectOf(this.#query);
  }

  /** What the attributes ask for. @returns {Query} */
  get #query() {
    const [site, order, limit] = ["site", "order", "page-size"].map((name) => this.getAttribute(name) ?? "");
    const closed = this.hasAttribute("closed") && "1";
    return { article: this.#article, site, order, limit, closed, lang: this.#language };
  }

  /** @param {string} url @param {AbortSignal} signal @returns {Promise<Page>} */
  async #fetchPage(url, signal = this.#connection.signal) {
    const body = await fetchHtml(url, signal);
    const section = /** @type {HTMLElement | null} */ (body.querySelector(".comments:has(>template)")); // it comes last: nothing was cut off
    if (!section) throw { status: 0 };
    const comments = [...section.querySelectorAll(".thread > li")];
    section.querySelector(".thread")?.replaceChildren();
    return { section: document.importNode(section, true), comments };
  }

  /** @param {Element} list @param {Element[]} comments */
  #appendComments(list, comments) {
    return appendComments(list, comments, (item) => this.#localise(item));
  }

  /** What is shown stays, and one can try again. @param {import("./service.js").RequestError} error @param {AbortSignal} signal */
  async #loadFailed({ status }, signal) {
    this.#requestedUrl = "";
    if (this.#isCurrent) this.#showStatus("unread");
    else {
      // After two seconds English must do.
      const timeout = new Promise((resolve) => setTimeout(resolve, 2000));
      const translation = this.#withPart(
        "words",
        (words) => words.of(this.#language),
        () => {},
      );
      const words = /** @type {string[] | undefined} */ (await Promise.race([translation, timeout]));
      if (signal.aborted) return;
      const line = document.createElement("p");
      const button = document.createElement("button");
      [line.lang, line.textContent, button.textContent] = words ?? [
        "en",
        "The comments could not be loaded.",
        "Try again",
      ];
      Object.assign(line, { className: "comments", role: "status", dir: "auto" });
      button.onclick = () => this.#load();
      line.append(" ", button);
      this.#root.replaceChildren(this.#fallback, line);
      this.#subject = "";
    }
    this.#states.delete("waiting");
    this.#explain(status);
    emit(this, "error", { status, type: status ? "" : "network" });
  }

  /** Tell the publisher what to do. @param {number} [status] of the answer; 0: none came */
  #explain(status) {
    const noAnswer = () => report(`${SERVICE} does not answer: is it running, and in connect-src?`, this);
    if (status === 0) noAnswer();
    else this.#withPart("publisher", (publisher) => publisher.explain(status), noAnswer);
  }

  // Show

  /** Show a page of the thread; where one is shown, without harm to what somebody writes. @param {Page} page */
  async #showPage(page) {
    const subject = subjectOf(this.#shownQuery);
    if (this.#subject === subject) await this.#withPart("follow", (follow) => follow.replace(page));
    else {
      const { section, comments } = page;
      this.#root.replaceChildren(section);
      this.#subject = subject;
      this.#parts = {};
      section.ariaBusy = "true"; // comments.css hides what stands below the list while it grows
      await this.#appendComments(/** @type {Element} */ (section.querySelector(".thread")), comments);
      section.ariaBusy = null;
      this.#states.delete("waiting");
    }
    if (this.#subject === subject) await this.#markOwn();
  }

  /** Who only reads has left nothing here, and loads no more than this. */
  async #markOwn() {
    if (hasWritten || hasSavedState()) await this.#withPart("write", (write) => write.update());
  }

  /** Write times in the page's language where that is the thread's too, and permalinks to this page. @param {Element} part */
  #localise(part) {
    const language = this.#shownQuery.lang || "";
    const { lang } = /** @type {HTMLElement} */ (part.closest(".comments") ?? this.#section);
    showTimes(part, language.split("-")[0] === lang.split("-")[0] ? language : lang);
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
      part.querySelectorAll(".when, .answers")
    )) {
      if (IS_PUBLIC) link.href = permalink(hashCommentId(link.hash)); // where one reads, and not on the service's page
    }
  }

  /** If the page's URL changed, permalinks change with it, and the comment that it names is gone to. */
  #followUrl() {
    const comment = hashCommentId();
    const before = this.#followedUrl;
    const url = permalink(comment);
    if (url === before) return;
    if (!this.#section) return comment && this.#load(); // which comes back here
    if (this.#isCurrent) this.#followedUrl = url; // else it may mean the thread that is being loaded, which looks again
    this.#localise(/** @type {HTMLElement} */ (this.#section));
    if (comment && !before.endsWith(comment)) this.#goTo(comment);
  }

  /** Go to a comment, which is looked for if it is not here. @param {string} comment */
  #goTo(comment) {
    if (!this.#focus(`comment-${comment}`)) this.#withPart("follow", (follow) => follow.goTo(comment));
  }

  /** Focus and scroll to a comment, out of all that hides it. @param {string} id @returns the comment, if it is here */
  #focus(id) {
    const comment = this.#root.getElementById(id);
    if (!comment) return;
    comment.focus();
    nextFrame().then(() => {
      comment.scrollIntoView({ block: "nearest" }); // what is near it has its height by now
      if (!comment.checkVisibility()) this.#withPart("follow", (follow) => follow.reveal(comment)); // WebKit does not know it before
    });
    return comment;
  }

  /** Look for news of others; nobody asked, so where it fails the next look will do. */
  #poll() {
    if (!this.isConnected) return;
    this.#withPart(
      "live",
      (live) => live.poll(),
      () => {},
    );
  }

  // Hand on

  /** @param {MouseEvent} event */
  #onClick(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const target = /** @type {HTMLAnchorElement | null} */ (
      /** @type {Element} */ (event.target).closest("a, button")
    );
    if (target?.matches(".fold, .next, .first, .fresh")) this.#press("follow", target);
    else if (target?.matches("[data-write], .send"))
      this.#press("write", target); // no form is sent in a sandbox
    else if (target?.matches(IS_PUBLIC ? ".answers" : ".answers, .when"))
      this.#goTo(`${hashCommentId(target.hash)}`);
    else return;
    event.preventDefault();
  }

  /**
   * A part that did not come is asked for once more: it may have been on its way, and lost, since before the press.
   * @param {"follow" | "write"} name @param {HTMLAnchorElement} target
   */
  #press(name, target) {
    const act = (/** @type {Parts["follow" | "write"]} */ part) => part.act(target);
    this.#withPart(name, act, () => this.#withPart(name, act));
  }

  /**
   * Keys that a text field uses are no shortcuts of the page, so it is not told of them.
   * And a key that is handled here closes no dialog.
   * @param {KeyboardEvent} event
   */
  #onKey = (event) => {
    const { key, type } = event;
    const field = /** @type {Field | null} */ (this.#root.activeElement);
    if (!field || event.target !== this.ownerDocument.activeElement) return; // a script's, for another part of the page
    const isDown = type === "keydown";
    if (isDown) this.#handledKey = key === "Escape" && field.closest("li form") ? key : ""; // it leaves a reply or an edit
    if (this.#handledKey === key) event.preventDefault();
    if (this.#handledKey === key || (field.matches("input, textarea") && !isShortcut(event)))
      event.stopImmediatePropagation();
    if (isDown) this.#onFormEvent(event, field);
  };

  /** @param {Event} event @param {any} field the browser forgets it afterwards */
  #onFormEvent(event, field = event.target) {
    const { type } = event;
    if (type === "focusin") this.#focused = field;
    if (type === "submit") event.preventDefault();
    if (!field.closest("form")) return;
    // No request for each key on a bad day, and none while a button is pressed, that could move it away; see #press.
    if (!this.#parts.write && ((this.#failures && /^[ik]/.test(type)) || field.matches("button"))) return;
    this.#withPart("write", (write) => write.handle(event, field));
  }

  /**
   * Do something with a part, which is loaded first if need be.
   * @template {keyof Parts} Name
   * @param {Name} name @param {(part: Parts[Name]) => unknown} act
   * @param {() => void} [onFailure] what to do where it cannot be loaded
   */
  async #withPart(name, act, onFailure = () => this.#showStatus("unread")) {
    const parts = this.#parts;
    hasWritten ||= name === "write";
    const loading = (parts[name] ??= /** @type {any} */ (loadPart(name, this.#failures, this.#api)));
    const part = await loading.catch(() => null);
    if (parts !== this.#parts) return; // another thread is shown by now
    if (part) return act(part);
    if (parts[name] === loading) {
      delete parts[name]; // the next touch tries again, by a URL that is not known to fail
      this.#failures++;
    }
    onFailure();
  }

  /** What the parts work with. @returns {WidgetApi} */
  #api = () => {
    const subject = this.#subject;
    return {
      service: SERVICE,
      element: this,
      root: this.#root,
      subject,
      query: this.#shownQuery, // the attributes may name the next thread already
      isCurrent: () => this.#subject === subject,
      signal: () => this.#connection.signal,
      fetchHtml,
      setTime,
      url: (more) => pageUrl({ ...this.#shownQuery, ...more }),
      fetchPage: (url) => this.#fetchPage(url),
      showPage: (page) => this.#showPage(page),
      append: (list, comments) => this.#appendComments(list, comments),
      markOwn: () => this.#markOwn(),
      localise: (part) => this.#localise(part),
      addStyles: (css) => this.#applyStyles(css),
      focus: (id) => this.#focus(id),
      showStatus: (name) => this.#showStatus(name),
      report,
      emit,
    };
  };

  /** @param {Status} [name] */
  #showStatus(name) {
    const status = /** @type {HTMLElement} */ (this.#root.querySelector(".status"));
    status.textContent = status.dataset[name ?? ""] ?? "";
  }

  get #article() {
    return this.getAttribute("article") ?? "";
  }

  get #section() {
    return /** @type {HTMLElement | null} */ (this.#root.querySelector("section"));
  }
}

/** Site and article as one key. @param {Query} query */
function subjectOf({ site, article }) {
  return JSON.stringify([site, article]);
}
