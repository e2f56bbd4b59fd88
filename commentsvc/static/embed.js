// The widget: <comment-thread article="…">. It reads as the element's life: connect, load,
// show, reply, send, recover. All markup comes from the service's templates.
"use strict";

{
  const STYLES = "/* styles */"; // the service puts comments.css here

  const TIMEOUT = 15_000; // ms until a request without an answer counts as lost
  const MOST_TRIES = 4; // of one press of the button: a token may be too young, then too old
  const MARGIN = "400px"; // a lazy thread is loaded when it is this near to being seen
  const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const UNITS = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];

  /**
   * @typedef {{ type?: string, detail?: string, errors?: Record<string, string[]> }} Problem RFC 9457
   * @typedef {{ token: string, from: number, pause: number }} Token `from`: not to be sent before, on the clock of performance.now()
   * @typedef {{ token: string, min_seconds: number }} FormAnswer
   * @typedef {{ comment: { id: string }, edit_key: string, edit_until: string, author_key: string, state?: string }} PostedAnswer
   * @typedef {{ text?: string, parent?: string, token?: string }} Draft `token`: it was sent with that, and no answer came
   * @typedef {{ name?: string, email?: string, url?: string, author_key?: string }} Person
   * @typedef {Record<string, { key: string, until: string }>} EditKeys
   * @typedef {HTMLInputElement | HTMLTextAreaElement} Field
   */

  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const SERVICE = new URL(".", script?.src ?? location.href).href; // it may live under a path

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);

  /** Why a request did not do what it should; status 0: no whole answer came. */
  class Refused extends Error {
    /** @param {number} status @param {Problem} problem */
    constructor(status, problem = {}) {
      super(problem.detail);
      this.status = status;
      this.type = status ? (problem.type ?? "").replace(/^.*\//, "") : "network";
      this.errors = problem.errors ?? {};
    }
  }

  /** What the reader's browser keeps, each thing under the service's address and a name. */
  class Kept {
    /** @param {string} name @returns {any} an object; empty if there is none */
    static read(name) {
      try {
        return Object(JSON.parse(localStorage.getItem(`${SERVICE} ${name}`) ?? "{}"));
      } catch {
        return {}; // storage is forbidden here, or another script wrote there: as if nothing were kept
      }
    }

    /** @param {string} name @param {object | null} value null forgets it */
    static write(name, value) {
      try {
        if (value) localStorage.setItem(`${SERVICE} ${name}`, JSON.stringify(value));
        else localStorage.removeItem(`${SERVICE} ${name}`);
      } catch {
        // Storage is forbidden or full: the form still holds what was typed, and can be sent.
      }
    }
  }

  /**
   * The body of an HTML answer. XMLHttpRequest makes the document, because that needs no
   * permission of the page's policy; innerHTML and DOMParser would, under Trusted Types.
   * @param {string} path @param {AbortSignal} signal @param {object} [sent]
   * @returns {Promise<HTMLElement>}
   */
  function markup(path, signal, sent) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const stop = () => request.abort();
      request.open(sent ? "POST" : "GET", SERVICE + path);
      request.responseType = "document";
      request.timeout = TIMEOUT;
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
   * The JSON that the service answers.
   * @param {string} path @param {AbortSignal} signal @param {object} [sent]
   * @returns {Promise<any>}
   */
  async function ask(path, signal, sent) {
    /** @type {RequestInit} */
    const request = { credentials: "omit", signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]) };
    if (sent) {
      request.method = "POST";
      request.headers = { "Content-Type": "application/json" };
      request.body = JSON.stringify(sent);
    }
    const response = await fetch(SERVICE + path, request).catch(() => Promise.reject(new Refused(0)));
    const answer = await response.json().catch(() => null); // cut off, or a proxy's own page
    if (response.ok && answer) return answer;
    throw new Refused(response.ok ? 0 : response.status, answer ?? {});
  }

  class CommentThread extends HTMLElement {
    static observedAttributes = ["article", "site", "order", "page-size", "lang", "loading"];

    static define(tag = "comment-thread", registry = customElements) {
      if (!registry.get(tag)) registry.define(tag, CommentThread);
    }

    #root = this.attachShadow({ mode: "open" });
    #fallback = document.createElement("slot"); // the link within the element
    #connected = new AbortController(); // ends the requests of an element that is taken away
    #loading = new AbortController(); // ends a load that another one overtakes
    #observer = new IntersectionObserver((seen) => this.#seen(seen), { rootMargin: MARGIN });
    #near = false;
    #settling = false;
    #sending = false;
    #loaded = ""; // the address that is shown or on its way
    #subject = ""; // site and article of the form that is shown: drafts and tokens are theirs
    /** @type {Promise<Token> | undefined} */
    #token;
    /** @type {string | undefined} */
    #unanswered; // the token that was sent last, until its fate is known

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [sheet];
      this.#root.append(this.#fallback);
      this.#root.addEventListener("click", (event) => this.#clicked(/** @type {MouseEvent} */ (event)));
      this.#root.addEventListener("focusin", (event) => this.#touched(event));
      this.#root.addEventListener("input", (event) => this.#typed(event));
      this.#root.addEventListener("keydown", (event) => this.#pressed(/** @type {KeyboardEvent} */ (event)));
      this.#root.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#send();
      });
    }

    // Each attribute is a property too: some frameworks set those.
    get article() { return this.getAttribute("article") ?? ""; }
    set article(value) { this.setAttribute("article", value); }
    get site() { return this.getAttribute("site") ?? ""; }
    set site(value) { this.setAttribute("site", value); }
    get order() { return this.getAttribute("order") ?? ""; }
    set order(value) { this.setAttribute("order", value); }
    get pageSize() { return this.getAttribute("page-size") ?? ""; }
    set pageSize(value) { this.setAttribute("page-size", value); }
    get theme() { return this.getAttribute("theme") ?? "auto"; } // comments.css does the rest
    set theme(value) { this.setAttribute("theme", value); }
    get loading() { return this.getAttribute("loading") ?? "lazy"; }
    set loading(value) { this.setAttribute("loading", value); }

    // Connect

    connectedCallback() {
      this.#settle();
    }

    disconnectedCallback() {
      this.#observer.disconnect();
      this.#connected.abort();
      this.#connected = new AbortController();
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
          console.error("<comment-thread> shows nothing: give it the attribute article, your own ID of the article.", this);
        } else if (this.#near || this.loading === "eager") {
          this.#load();
        } else {
          this.#observer.observe(this);
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
      const address = this.#address();
      if (address === this.#loaded) return;
      this.#loaded = address;
      this.#loading.abort();
      this.#loading = new AbortController();
      const signal = AbortSignal.any([this.#loading.signal, this.#connected.signal]);
      try {
        const section = await this.#fetch(address, signal);
        if (signal.aborted) return;
        this.#show(section);
        this.#emit("loaded", { article: this.article, count: Number(section.dataset.count) });
      } catch (error) {
        if (!signal.aborted) this.#fail(/** @type {Refused} */ (error));
      }
    }

    /** @param {Record<string, string>} more */
    #address(more = {}) {
      const query = new URLSearchParams({ article: this.article });
      const wanted = { site: this.site, order: this.order, limit: this.pageSize, ...more };
      for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value);
      return `thread/fragment?${query}`;
    }

    /** @param {string} address @param {AbortSignal} signal */
    async #fetch(address, signal = this.#connected.signal) {
      const found = /** @type {HTMLElement | null} */ ((await markup(address, signal)).querySelector(".comments"));
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
      this.#loaded = this.#subject = "";
      const hints = /** @type {Record<number, string>} */ ({
        404: `there is no site “${this.site}”; correct the attribute site, or make it with: commentsvc site add`,
        422: "an attribute is not valid; article has 1 to 255 characters, order is oldest or newest, page-size is 1 to 200",
      });
      if (hints[status]) console.error(`<comment-thread>: ${hints[status]}.`, this);
      this.#emit("error", { status, type });
    }

    // Show

    /** Put the thread in place. A form that is there already, for the same article, keeps its words. @param {HTMLElement} section */
    #show(section) {
      const subject = JSON.stringify([this.site, this.article]);
      const shown = this.#section;
      if (shown && this.#form && this.#subject === subject && section.querySelector("form")) {
        const answered = this.#field("parent").value;
        this.#place("");
        this.#part(".home").before(this.#part(".status"));
        for (const part of [".heading", ".discussion"]) {
          this.#part(part).replaceWith(/** @type {Element} */ (section.querySelector(part)));
        }
        Object.assign(shown.dataset, section.dataset);
        this.#place(answered);
        return;
      }
      this.#root.replaceChildren(section);
      this.#subject = subject;
      this.#token = this.#unanswered = undefined;
      if (this.#form) this.#fill();
    }

    /** What this browser kept goes back into the form. */
    #fill() {
      const person = /** @type {Person} */ (Kept.read("person"));
      for (const name of /** @type {const} */ (["name", "email", "url"])) {
        if (person[name]) this.#field(name).value = person[name];
      }
      this.#remembering.checked = Boolean(person.name ?? person.email ?? person.url);
      const draft = /** @type {Draft} */ (Kept.read(this.#draft));
      if (!draft.text) return;
      this.#field("text").value = draft.text;
      this.#place(draft.parent ?? "");
      if (draft.token) {
        // It may have made a comment already, and makes no second one.
        this.#unanswered = draft.token;
        this.#token = Promise.resolve({ token: draft.token, from: 0, pause: 2000 });
      }
    }

    /** Times as the reader says them, in the language of the page. @param {ParentNode} part */
    #speak(part) {
      const named = this.closest("[lang]")?.getAttribute("lang") || document.documentElement.lang;
      const [language] = known(named || navigator.language);
      const section = part.querySelector(".comments") ?? part;
      if (section instanceof HTMLElement) {
        section.dir = RIGHT_TO_LEFT.includes(language?.split("-")[0] ?? "") ? "rtl" : named ? "ltr" : "";
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
    }

    /** The rest of a longer thread: below what is shown. @param {HTMLAnchorElement} link */
    async #more(link) {
      await this.#follow(link, (section) => {
        const added = [...section.querySelectorAll(".thread > li")];
        const following = section.querySelector(".next");
        this.#part(".thread").append(...added);
        if (following) link.replaceWith(following);
        else link.parentElement?.remove();
        focus(added[0]?.querySelector(".comment"));
      });
    }

    /** @param {HTMLAnchorElement} link */
    async #beginning(link) {
      await this.#follow(link, (section) => {
        this.#show(section);
        focus(this.#root.querySelector(".comment"));
      });
    }

    /** @param {HTMLAnchorElement} link @param {(section: HTMLElement) => void} then */
    async #follow(link, then) {
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

    // Reply

    /** @param {MouseEvent} event */
    #clicked(event) {
      if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const on = /** @type {Element} */ (event.target).closest("a, button");
      const link = /** @type {HTMLAnchorElement} */ (on);
      const act = /** @type {Record<string, () => void>} */ ({
        reply: () => this.#reply(link),
        cancel: () => this.#cancel(),
        answers: () => focus(this.#root.getElementById(link.hash.slice(1))),
        next: () => this.#more(link),
        first: () => this.#beginning(link),
        "show-preview": () => this.#preview(),
      })[on?.classList[0] ?? ""];
      if (!act) return;
      event.preventDefault();
      act();
    }

    /** @param {HTMLAnchorElement} link */
    #reply(link) {
      this.#place(link.closest(".comment")?.id.replace("comment-", "") ?? "");
      this.#keep();
      this.#field("text").focus();
    }

    #cancel() {
      const answered = this.#field("parent").value;
      this.#place("");
      this.#keep();
      const link = /** @type {HTMLElement | null} */ (this.#root.getElementById(`comment-${answered}`)?.querySelector(".reply"));
      link?.focus();
    }

    /** The one form goes under that comment; home, if that is not shown or none is named. @param {string} parent */
    #place(parent) {
      const form = /** @type {HTMLFormElement} */ (this.#form);
      const comment = parent ? this.#root.getElementById(`comment-${parent}`) : null;
      this.#field("parent").value = comment ? parent : "";
      this.#part(".plain").hidden = Boolean(comment);
      this.#part(".answering").hidden = !comment;
      this.#part(".answered").textContent = comment?.querySelector(".author")?.textContent ?? "";
      if (comment) comment.after(form);
      else if (form.parentElement !== this.#part(".home")) this.#part(".home").append(form);
    }

    /** @param {KeyboardEvent} event */
    #pressed(event) {
      const within = /** @type {Element} */ (event.target).closest("form");
      if (event.key === "Escape" && !event.isComposing && within && this.#field("parent").value) this.#cancel();
    }

    // Send

    /** A person begins to write: only now a token is needed. @param {Event} event */
    #touched(event) {
      if (!/** @type {Element} */ (event.target).closest("form")) return;
      this.#fresh().catch(() => {}); // no matter yet: sending asks again
    }

    /** @returns {Promise<Token>} the token at hand, else a new one */
    #fresh() {
      this.#token ??= this.#issue().catch((error) => {
        this.#token = undefined;
        throw error;
      });
      return this.#token;
    }

    async #issue() {
      const query = new URLSearchParams({ article: this.article, ...(this.site && { site: this.site }) });
      const answer = /** @type {FormAnswer} */ (await ask(`api/v1/form?${query}`, this.#connected.signal));
      const pause = answer.min_seconds * 1000;
      return { token: answer.token, from: performance.now() + pause, pause };
    }

    /** @param {Event} event */
    #typed(event) {
      this.#touched(event);
      const field = /** @type {Field} */ (event.target);
      if (field === this.#remembering || (field.name !== "text" && this.#remembering.checked)) this.#remember();
      if (field.name === "text") {
        this.#keep();
        this.#hidePreview();
      }
      field.removeAttribute("aria-invalid");
      const said = /** @type {HTMLElement | null} */ (this.#root.querySelector(`[data-error="${field.name}"]`));
      if (said) said.hidden = true;
    }

    get #draft() {
      return `draft ${this.#subject}`;
    }

    /** The draft stays until it is sent. */
    #keep() {
      const text = this.#field("text").value;
      const draft = { text, parent: this.#field("parent").value, token: this.#unanswered };
      Kept.write(this.#draft, text ? draft : null);
    }

    #remember(author_key = /** @type {Person} */ (Kept.read("person")).author_key) {
      const { name, email, url } = this.#values;
      Kept.write("person", this.#remembering.checked ? { name, email, url, author_key } : null);
    }

    get #values() {
      const entries = [...new FormData(/** @type {HTMLFormElement} */ (this.#form))];
      return /** @type {Record<string, string>} */ (Object.fromEntries(entries));
    }

    async #preview() {
      const shown = this.#part(".preview");
      if (!shown.hidden) return this.#hidePreview();
      const { signal } = this.#connected;
      const { text } = this.#values;
      this.#complain();
      try {
        const html = await markup("api/v1/preview", signal, { text });
        if (text !== this.#values.text) return;
        this.#part(".preview .text").replaceChildren(...document.importNode(html, true).childNodes);
        shown.hidden = false;
        this.#part(".show-preview").ariaExpanded = "true";
      } catch {
        // That request cannot read why it was refused; this one can.
        await ask("api/v1/preview", signal, { text }).catch((error) => this.#recover(error));
      }
    }

    #hidePreview() {
      this.#part(".preview").hidden = true;
      this.#part(".show-preview").ariaExpanded = "false";
    }

    async #send() {
      if (this.#sending) return;
      const subject = this.#subject;
      const form = /** @type {HTMLFormElement} */ (this.#form);
      this.#busy(form, true);
      this.#complain();
      this.#say();
      try {
        const answer = await this.#post();
        Kept.write(`draft ${subject}`, null);
        this.#busy(form, false);
        await this.#sent(answer, this.#subject === subject);
      } catch (error) {
        this.#busy(form, false);
        if (!(error instanceof Refused)) throw error;
        if (this.#subject === subject) this.#recover(error);
      }
    }

    /** While it is sent, nothing can be typed that the answer would sweep away. @param {HTMLFormElement} form @param {boolean} busy */
    #busy(form, busy) {
      const button = /** @type {HTMLElement} */ (form.querySelector(".send"));
      this.#sending = busy;
      button.ariaDisabled = busy ? "true" : null;
      [button.textContent, button.dataset.sending] = [button.dataset.sending ?? "", button.textContent ?? ""];
      for (const field of form.querySelectorAll("input, textarea")) /** @type {Field} */ (field).readOnly = busy;
    }

    /** @returns {Promise<PostedAnswer>} */
    async #post() {
      const { remember, ...fields } = this.#values;
      const { author_key } = remember ? /** @type {Person} */ (Kept.read("person")) : {};
      const canonical = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=canonical]"));
      const page_url = canonical?.href || location.href.replace(/#.*/s, "");
      const { article, site } = this;
      const said = { article, site: site || undefined, ...fields, author_key, title: document.title, page_url };
      const { signal } = this.#connected;

      for (let tries = 1; ; tries++) {
        const token = await this.#fresh();
        await new Promise((resume) => setTimeout(resume, token.from - performance.now()));
        this.#unanswered = token.token;
        this.#keep();
        try {
          return await ask("api/v1/comments", signal, { ...said, token: token.token });
        } catch (error) {
          const { type } = /** @type {Refused} */ (error);
          if (type === "token-expired" || type === "token-spent") {
            this.#token = this.#unanswered = undefined;
            this.#keep();
          }
          if (type === "too-fast") token.from = performance.now() + token.pause;
          else if (type !== "token-expired") throw error;
          if (tries === MOST_TRIES) throw error;
        }
      }
    }

    /** It is taken: the form is empty again, and the comment shows, or that it waits. @param {PostedAnswer} answer @param {boolean} here */
    async #sent({ comment: { id }, state = "approved", edit_key, edit_until, author_key }, here) {
      const edits = /** @type {EditKeys} */ (Kept.read("edits"));
      Kept.write("edits", { ...edits, [id]: { key: edit_key, until: edit_until } });
      forgetOldEditKeys();
      this.#emit("posted", { id, state });
      if (!here) return;
      if (this.#remembering.checked) this.#remember(author_key);
      this.#token = this.#unanswered = undefined;
      const form = /** @type {HTMLFormElement} */ (this.#form);
      const status = this.#part(".status");
      form.before(status); // where the person looks
      form.reset();
      this.#hidePreview();
      this.#place("");
      this.#fill();
      if (state === "approved") {
        try {
          this.#show(await this.#fetch(this.#address({ comment: id })));
        } catch {
          // It is posted all the same, which the status says; the next visit shows it.
        }
      }
      this.#say(state === "approved" ? "posted" : "held");
      focus(this.#root.getElementById(`comment-${id}`) ?? status);
    }

    // Recover

    /** Say what went wrong; what was typed stays. @param {Refused} why */
    #recover(why) {
      const { lost, failed } = this.#part(".whole").dataset;
      const apart = Object.keys(why.errors).filter((name) => !this.#root.querySelector(`[data-error="${name}"]`));
      const whole = why.status === 0 ? lost : why.message || failed;
      const beside = Object.keys(why.errors).length > apart.length;
      this.#complain(why.errors, apart.flatMap((name) => why.errors[name]).join(" ") || (beside ? "" : whole));
      this.#emit("error", { status: why.status, type: why.type });
    }

    /** Each error stands beside its field, the rest above the button. @param {Record<string, string[]>} errors */
    #complain(errors = {}, whole = "") {
      /** @type {HTMLElement | undefined} */
      let first;
      for (const line of /** @type {NodeListOf<HTMLElement>} */ (this.#root.querySelectorAll("[data-error]"))) {
        const name = line.dataset.error ?? "";
        const said = errors[name]?.join(" ") ?? (name === "whole" ? whole : "");
        line.textContent = said;
        line.hidden = !said;
        if (name === "whole") continue;
        const field = this.#field(name);
        field.ariaInvalid = said ? "true" : null;
        if (said) first ??= field;
      }
      first?.focus();
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

    // What the fragment holds

    get #section() {
      return /** @type {HTMLElement | null} */ (this.#root.querySelector(".comments"));
    }

    get #form() {
      return /** @type {HTMLFormElement | null} */ (this.#root.querySelector("form"));
    }

    /** @param {string} name */
    #field(name) {
      return /** @type {Field} */ (this.#form?.elements.namedItem(name));
    }

    get #remembering() {
      return /** @type {HTMLInputElement} */ (this.#field("remember"));
    }

    /** @param {string} selector */
    #part(selector) {
      return /** @type {HTMLElement} */ (this.#root.querySelector(selector));
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

  /** @param {Element | null | undefined} element */
  function focus(element) {
    if (!(element instanceof HTMLElement)) return;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  function forgetOldEditKeys() {
    const edits = Object.entries(/** @type {EditKeys} */ (Kept.read("edits")));
    const good = edits.filter(([, { until }]) => Date.parse(until) > Date.now());
    if (good.length < edits.length) Kept.write("edits", good.length ? Object.fromEntries(good) : null);
  }

  if (script?.src) {
    forgetOldEditKeys();
    CommentThread.define();
  } else {
    console.error("commentsvc: load embed.js by a <script src> of its own; from that it knows where the service is.");
  }
}
