// The widget: <comment-thread article="…">. It reads as the element's life: connect, load, show,
// follow, watch, write. All markup comes from the service's templates; what a person needs to
// write is in write.js, which is loaded when somebody begins to.
"use strict";

{
  const STYLES = "/* styles */"; // the service puts comments.css here
  const WRITE = "/* write */"; // and here the address of write.js

  const TIMEOUT = 15_000; // ms until a request without an answer counts as lost
  const MARGIN = "1000px"; // a lazy thread is loaded when it is this near to being seen
  const PAUSE = 60_000; // ms between two looks whether there are new comments
  const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const UNITS = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];

  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const SERVICE = new URL(".", script?.src ?? location.href).href; // it may live under a path

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);

  /** Why a request did not do what it should; status 0: no whole answer came. */
  class Refused extends Error {
    /** @param {number} status @param {import("./write.js").Problem} problem RFC 9457 */
    constructor(status, problem = {}) {
      super(problem.detail);
      this.status = status;
      this.type = status ? (problem.type ?? "").replace(/^.*\//, "") : "network";
      this.errors = problem.errors ?? {};
    }
  }

  /** What the reader's browser keeps, each thing under the service's address and a name. */
  const kept = {
    /** @param {string} name @returns {any} an object; empty if there is none */
    read(name) {
      try {
        return Object(JSON.parse(localStorage.getItem(`${SERVICE} ${name}`) ?? "{}"));
      } catch {
        return {}; // storage is forbidden here, or another script wrote there: as if nothing were kept
      }
    },

    /** @param {string} name @param {object | null} value null forgets it */
    write(name, value) {
      try {
        if (value) localStorage.setItem(`${SERVICE} ${name}`, JSON.stringify(value));
        else localStorage.removeItem(`${SERVICE} ${name}`);
      } catch {
        // Storage is forbidden or full: the form still holds what was typed, and can be sent.
      }
    },
  };

  /**
   * The body of an HTML answer. XMLHttpRequest makes the document, because that needs no
   * permission of the page's policy; innerHTML and DOMParser would, under Trusted Types.
   * @param {string} path @param {AbortSignal} signal
   * @param {{ sent?: object, key?: string }} [more] what to post; an edit key
   * @returns {Promise<HTMLElement>}
   */
  function markup(path, signal, { sent, key } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const stop = () => request.abort();
      request.open(sent ? "POST" : "GET", SERVICE + path);
      request.responseType = "document";
      request.timeout = TIMEOUT;
      if (key) request.setRequestHeader("Authorization", `Bearer ${key}`);
      if (sent) {
        request.setRequestHeader("Accept", "text/html");
        request.setRequestHeader("Content-Type", "application/json");
      }
      request.onloadend = () => {
        signal.removeEventListener("abort", stop);
        if (request.status === 200 && request.response) resolve(request.response.body);
        else reject(new Refused(request.status === 200 ? 0 : request.status));
      };
      signal.addEventListener("abort", stop);
      request.send(sent && JSON.stringify(sent));
    });
  }

  /**
   * The JSON that the service answers, with its status. A status above 200 says that it is done, whatever became of the body.
   * @param {string} path @param {AbortSignal} signal
   * @param {{ method?: string, sent?: object, key?: string, keepalive?: boolean }} [more]
   * @returns {Promise<any>}
   */
  async function ask(path, signal, { sent, method = sent && "POST", key, keepalive } = {}) {
    const response = await fetch(SERVICE + path, {
      method,
      keepalive,
      credentials: "omit",
      headers: { ...(sent && { "Content-Type": "application/json" }), ...(key && { Authorization: `Bearer ${key}` }) },
      body: sent && JSON.stringify(sent),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    }).catch(() => Promise.reject(new Refused(0)));
    const answer = await response.json().catch(() => null); // none, cut off, or a proxy's own page
    if (response.ok && (answer || response.status > 200)) return { status: response.status, ...answer };
    throw new Refused(response.ok ? 0 : response.status, answer ?? {});
  }

  class CommentThread extends HTMLElement {
    static observedAttributes = ["article", "site", "order", "page-size", "closed", "lang", "loading"];

    static define(tag = "comment-thread", registry = customElements) {
      if (!registry.get(tag)) registry.define(tag, CommentThread);
    }

    #root = this.attachShadow({ mode: "open" });
    #states = this.attachInternals().states;
    #fallback = document.createElement("slot"); // the link within the element
    #connected = new AbortController(); // ends the requests of an element that is taken away
    #loading = new AbortController(); // ends a load that another one overtakes
    #observer = new IntersectionObserver((seen) => this.#seen(seen), { rootMargin: MARGIN });
    #near = false;
    #settling = false;
    #loaded = ""; // the address that is shown or on its way
    #subject = ""; // site and article that are shown: drafts and tokens are theirs
    #counted = 0; // the public comments of the thread, as far as this page knows
    #tries = 0; // to load write.js
    /** @type {Promise<import("./write.js").Writer> | undefined} */
    #writer;

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [sheet];
      this.#root.append(this.#fallback);
      this.#root.addEventListener("click", (event) => this.#clicked(/** @type {MouseEvent} */ (event)));
      for (const type of ["focusin", "input", "keydown", "submit"]) {
        this.#root.addEventListener(type, (event) => this.#wrote(event));
      }
    }

    // Each attribute is a property too: some frameworks set those.
    get article() { return this.getAttribute("article") ?? ""; }
    set article(value) { this.#set("article", value); }
    get site() { return this.getAttribute("site") ?? ""; }
    set site(value) { this.#set("site", value); }
    get order() { return this.getAttribute("order") ?? ""; }
    set order(value) { this.#set("order", value); }
    get pageSize() { return this.getAttribute("page-size") ?? ""; }
    set pageSize(value) { this.#set("page-size", value); }
    get closed() { return this.hasAttribute("closed"); }
    set closed(value) { this.toggleAttribute("closed", value); }
    get theme() { return this.getAttribute("theme") ?? "auto"; } // comments.css does the rest
    set theme(value) { this.#set("theme", value); }
    get loading() { return this.getAttribute("loading") ?? "lazy"; }
    set loading(value) { this.#set("loading", value); }

    /** @param {string} name @param {string | null | undefined} value some frameworks take an attribute away so */
    #set(name, value) {
      if (value == null) this.removeAttribute(name);
      else this.setAttribute(name, value);
    }

    // Connect

    connectedCallback() {
      const element = /** @type {any} */ (this);
      for (const name of Reflect.ownKeys(this)) { // set before the script came; now it means the attribute
        const value = element[name];
        delete element[name];
        element[name] = value;
      }
      const { signal } = (this.#connected = new AbortController());
      addEventListener("hashchange", () => this.#arrive(), { signal });
      document.addEventListener("visibilitychange", () => this.#watch(), { signal });
      const watching = setInterval(() => this.#watch(), PAUSE);
      signal.addEventListener("abort", () => clearInterval(watching));
      this.#settle();
    }

    disconnectedCallback() {
      this.#observer.disconnect();
      this.#connected.abort();
      if (!this.#section) this.#loaded = "";
    }

    attributeChangedCallback() {
      this.#settle();
    }

    /** Do what the attributes say now, once for all that change together. */
    #settle() {
      if (this.#settling) return;
      this.#settling = true;
      queueMicrotask(() => {
        this.#settling = false;
        if (!this.isConnected) return;
        this.#observer.disconnect();
        this.#speak(this.#root);
        if (!this.article.trim()) {
          console.error("<comment-thread>: give it the attribute article.", this);
        } else {
          if (!this.#section) this.#states.add("waiting");
          if (this.#near || this.loading === "eager" || named()) this.#load();
          else this.#observer.observe(this);
        }
      });
    }

    /** @param {IntersectionObserverEntry[]} entries */
    #seen(entries) {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#near = true;
      this.#settle();
    }

    // Load

    async #load() {
      const comment = this.#loaded ? "" : named();
      const address = this.#address();
      if (address === this.#loaded) return;
      this.#loaded = address;
      this.#loading.abort();
      this.#loading = new AbortController();
      const signal = AbortSignal.any([this.#loading.signal, this.#connected.signal]);
      try {
        const section = await this.#fetch(this.#address({ comment }), signal);
        if (signal.aborted) return;
        this.#show(section);
        if (comment) this.#arrive();
        this.#emit("loaded", { article: this.article, count: this.#counted });
      } catch (error) {
        if (!signal.aborted) this.#fail(/** @type {Refused} */ (error));
      }
    }

    /** @param {Record<string, string>} more */
    #address(more = {}) {
      const query = new URLSearchParams({ article: this.article });
      const wanted = { site: this.site, order: this.order, limit: this.pageSize, closed: this.closed ? "1" : "", ...more };
      for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value);
      return `thread/fragment?${query}`;
    }

    /** @param {string} address @param {AbortSignal} signal */
    async #fetch(address, signal = this.#connected.signal) {
      const found = /** @type {HTMLElement | null} */ ((await markup(address, signal)).querySelector(".comments:has(>template)")); // it comes last: nothing was cut off
      if (!found) throw new Refused(0);
      const section = document.importNode(found, true);
      this.#speak(section);
      return section;
    }

    /** Nothing could be loaded: the link stays, and there is a button to try again. @param {Refused} why */
    #fail({ status, type }) {
      const said = document.createElement("p");
      const again = document.createElement("button");
      said.textContent = "The comments could not be loaded. ";
      said.role = "status";
      again.textContent = "Try again";
      again.type = "button";
      again.onclick = () => this.#load();
      said.append(again);
      this.#root.replaceChildren(this.#fallback, said);
      this.#states.delete("waiting");
      this.#loaded = this.#subject = "";
      const hints = /** @type {Record<number, string>} */ ({
        404: `there is no site “${this.site}”; commentsvc site add makes one`,
        422: "article has 1 to 255 characters, order is oldest or newest, page-size is 1 to 200",
      });
      if (hints[status]) console.error(`<comment-thread>: ${hints[status]}.`, this);
      this.#emit("error", { status, type });
    }

    // Show

    /** Put the thread in place. A form that is there already, for the same article, keeps its words, even if it was closed. @param {HTMLElement} section */
    #show(section) {
      const subject = JSON.stringify([this.site, this.article]);
      const shown = this.#section;
      const form = this.#root.querySelector("form");
      this.#counted = Number(section.dataset.count);
      this.#states.delete("waiting");
      if (shown && form && this.#subject === subject && (section.querySelector("form") || form.text.value)) {
        const answered = form.closest("li");
        this.#part(".home").append(form);
        this.#part(".home").before(this.#part(".status"));
        for (const part of [".heading", ".discussion"]) {
          this.#part(part).replaceWith(/** @type {Element} */ (section.querySelector(part)));
        }
        if (answered) this.#root.getElementById(answered.firstElementChild?.id ?? "")?.after(form);
      } else {
        this.#root.replaceChildren(section);
        this.#subject = subject;
        this.#writer = undefined;
      }
      // Somebody who only reads has left nothing here, and needs no more than this.
      const left = Object.values(kept.read("edits")).some((own) => own.subject === subject);
      if (left || kept.read(`draft ${subject}`).text || kept.read("person").email || this.#writer) this.#write((writer) => writer.shown());
    }

    /** Times as the reader says them, in the language of the page. @param {ParentNode} part */
    #speak(part) {
      const spoken = this.closest("[lang]")?.getAttribute("lang") || document.documentElement.lang;
      const [language] = known(spoken || navigator.language);
      const section = part.querySelector(".comments") ?? part;
      if (section instanceof HTMLElement) {
        section.dir = RIGHT_TO_LEFT.test(language) ? "rtl" : spoken ? "ltr" : "";
      }
      const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
      const exact = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
      for (const time of part.querySelectorAll("time")) {
        const moment = new Date(time.dateTime);
        const ago = Math.max(0, (Date.now() - moment.getTime()) / 1000); // the reader's clock may be slow
        const [unit, seconds] = UNITS.find(([, length]) => ago >= length) ?? ["second", Infinity];
        time.textContent = relative.format(-Math.floor(ago / seconds), unit);
        time.title = exact.format(moment);
      }
      for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (part.querySelectorAll(".when"))) {
        link.href = location.href.replace(/#.*|$/s, link.hash); // here, where one reads, and not on the service's page
      }
    }

    // Follow

    /** @param {MouseEvent} event */
    #clicked(event) {
      if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const on = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("a, button"));
      const link = /** @type {HTMLAnchorElement} */ (on);
      const act = /** @type {Record<string, () => void>} */ ({
        answers: () => this.#focus(link.hash.slice(1)),
        fold: () => fold(link),
        next: () => this.#more(link),
        first: () => this.#follow(link),
        fresh: () => this.#renew(),
      })[on?.classList[0] ?? ""];
      if (act) act();
      else if (on?.dataset.write) this.#write((writer) => writer.act(link));
      else return;
      event.preventDefault();
    }

    /** The comment that the page's address names is looked for, brought here and marked. */
    async #arrive() {
      const comment = named();
      if (!comment || !this.#section || this.#focus(`comment-${comment}`)) return;
      const section = await this.#fetch(this.#address({ comment })).catch(() => null);
      if (!section?.querySelector(`#comment-${comment}`)) return; // of another thread, or gone
      this.#show(section);
      this.#focus(`comment-${comment}`);
    }

    /** The rest of a longer thread: below what is shown. @param {HTMLAnchorElement} link */
    #more(link) {
      return this.#follow(link, (section) => {
        const added = [...section.querySelectorAll(".thread > li")];
        const following = section.querySelector(".next");
        for (const { firstElementChild } of added) { // one's own may stand here already
          this.#root.getElementById(firstElementChild?.id ?? "")?.closest("li")?.remove();
        }
        this.#part(".thread").append(...added);
        if (this.#writer) this.#write((writer) => writer.shown());
        if (following) link.replaceWith(following);
        else link.parentElement?.remove();
        this.#focus(added[0]?.firstElementChild?.id);
      });
    }

    /** Another view of the thread. @param {HTMLAnchorElement} link @param {(section: HTMLElement) => void} then */
    async #follow(link, then = (section) => {
      this.#show(section);
      this.#focus(this.#root.querySelector(".comment")?.id);
    }) {
      if (link.ariaBusy) return;
      link.ariaBusy = "true";
      const subject = this.#subject;
      try {
        const section = await this.#fetch(`thread/fragment${link.search}`);
        if (this.#subject !== subject) return;
        this.#say();
        then(section);
      } catch (error) {
        const { status, type } = /** @type {Refused} */ (error);
        this.#say("unread");
        this.#emit("error", { status, type });
      } finally {
        link.ariaBusy = null;
      }
    }

    /** Go to a comment, and unfold what it is folded into. @param {string | undefined} id @returns whether it is here */
    #focus(id) {
      const found = this.#root.getElementById(id ?? "");
      const item = found?.closest("li");
      while (item?.hidden) {
        let above = /** @type {HTMLElement} */ (item.previousElementSibling);
        while (above.hidden) above = /** @type {HTMLElement} */ (above.previousElementSibling);
        fold(/** @type {HTMLElement} */ (above.querySelector(".fold")));
      }
      found?.focus({ preventScroll: true });
      found?.scrollIntoView({ block: "nearest" });
      return Boolean(found);
    }

    // Watch

    /** Whether there are new comments; a button tells of them, and nothing moves under one's eyes. */
    async #watch() {
      const section = this.#section;
      if (!section || document.hidden || !this.isConnected) return;
      const query = new URLSearchParams({ article: this.article, ...(this.site && { site: this.site }) });
      const { counts } = await ask(`api/v1/counts?${query}`, this.#connected.signal).catch(() => ({ counts: {} }));
      const more = Math.max(0, ...Object.values(counts)) - this.#counted;
      if (this.#section !== section || more <= 0) return;
      const button = this.#part(".fresh");
      const said = JSON.parse(button.dataset.said ?? "{}");
      button.textContent = said[new Intl.PluralRules(section.lang || undefined).select(more)]?.replace("#", String(more)) ?? "";
      button.hidden = false;
    }

    async #renew() {
      const button = /** @type {HTMLAnchorElement} */ (this.#part(".fresh"));
      const before = new Set([...this.#root.querySelectorAll(".comment")].map(({ id }) => id));
      const limit = before.size > Number(this.pageSize || 100) ? "200" : this.pageSize;
      button.hidden = true;
      try {
        this.#show(await this.#fetch(this.#address({ limit })));
        const added = [...this.#root.querySelectorAll(".comment")].find(({ id }) => !before.has(id));
        if (!this.#focus(added?.id)) this.#part(".next")?.focus();
      } catch {
        button.hidden = false;
        this.#say("unread");
      }
    }

    // Write

    /** Somebody does something in the form. @param {Event} event */
    #wrote(event) {
      const { type, key, ctrlKey, metaKey, isComposing } = /** @type {KeyboardEvent} */ (event);
      const target = /** @type {import("./write.js").Field} */ (event.target); // the browser forgets it afterwards
      if (type === "submit") event.preventDefault();
      if (!target.closest("form") || isComposing) return;
      if (this.#tries && !this.#writer && (key || type === "input")) return; // no request for each key on a bad day
      this.#write((writer) => writer.heard(type, target, key, ctrlKey || metaKey));
    }

    /** @param {(writer: import("./write.js").Writer) => void} act */
    async #write(act) {
      this.#writer ??= import(`${SERVICE}${WRITE}${this.#tries ? `?${this.#tries}` : ""}`).then(
        ({ Writer }) => new Writer(this.#hands),
      );
      const mine = this.#writer;
      const writer = await mine.catch(() => null);
      if (writer) return act(writer);
      if (this.#writer !== mine) return;
      this.#writer = undefined; // the next touch tries again, by an address that is not known to fail
      this.#tries++;
      this.#say("unread");
    }

    /** What write.js works with. */
    get #hands() {
      const thread = this;
      return {
        root: this.#root,
        subject: this.#subject,
        kept,
        Refused,
        get article() { return thread.article; },
        get site() { return thread.site; },
        get signal() { return thread.#connected.signal; },
        ask,
        markup,
        /** @param {ParentNode} part */
        speak: (part) => this.#speak(part),
        /** @param {string} id */
        focus: (id) => this.#focus(id),
        /** @param {"posted" | "held" | "unread"} [what] */
        say: (what) => this.#say(what),
        /** @param {"posted" | "error"} name @param {object} detail */
        emit: (name, detail) => this.#emit(name, detail),
        reload: async () => this.#show(await this.#fetch(this.#address())),
        /** @param {number} more */
        count: (more) => {
          const shown = this.#part(".count");
          shown.textContent = String(this.#counted += more);
          shown.hidden = false;
        },
      };
    }

    /** @param {"posted" | "held" | "unread"} [what] */
    #say(what) {
      const status = this.#part(".status");
      status.textContent = (what && status.dataset[what]) ?? "";
    }

    /** @param {"loaded" | "posted" | "error"} name @param {object} detail */
    #emit(name, detail) {
      this.dispatchEvent(new CustomEvent(`comments:${name}`, { bubbles: true, composed: true, detail }));
    }

    get #section() {
      return /** @type {HTMLElement | null} */ (this.#root.querySelector(".comments"));
    }

    /** @param {string} selector */
    #part(selector) {
      return /** @type {HTMLElement} */ (this.#root.querySelector(selector));
    }
  }

  /** The id of the comment that the page's address names, if it does. */
  function named() {
    return /^#comment-([\w-]+)$/.exec(location.hash)?.[1] ?? "";
  }

  /** Hide what is below a comment, or show it again as it was. @param {HTMLElement} button */
  function fold(button) {
    const folded = button.ariaExpanded === "true";
    button.ariaExpanded = String(!folded);
    [button.textContent, button.dataset.other] = [button.dataset.other ?? "", button.textContent ?? ""];
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

  /** @param {string} tag @returns {string[]} the language tag, if it is one */
  function known(tag) {
    try {
      return Intl.getCanonicalLocales(tag);
    } catch {
      return []; // lang="english": the browser's own language will do
    }
  }

  if (script?.src) {
    const edits = Object.entries(kept.read("edits"));
    const good = edits.filter(([, { until }]) => until > Date.now());
    if (good.length < edits.length) kept.write("edits", good.length ? Object.fromEntries(good) : null);
    CommentThread.define();
  } else {
    console.error("commentsvc: load embed.js by a <script src>, which says where the service is.");
  }
}
