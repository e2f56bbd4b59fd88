// The widget: <comment-thread article="…">. It reads as the element's life: connect, load, show, and
// hand on to the parts that are loaded when somebody needs them. All markup comes from the
// service's templates.
//
// follow.js     what a reader does after the first look
// write.js      what a person needs to write
// publisher.js  says what is wrong with the page
// words.js      says in the reader's language that nothing came
"use strict";

/** @typedef {{ section: HTMLElement, comments: Element[] }} Page of a thread */
/** @typedef {{ article: string, site: string, order: string, pageSize: string, loading: string }} Given */
/** @typedef {Record<string, string | false | undefined>} Query what a fragment is asked for */
/** @typedef {{ follow: import("./follow.js").default, write: import("./write.js").default, publisher: import("./publisher.js").default, words: import("./words.js").default }} Parts */

{
  // The service puts these here: comments.css, and the digests in the addresses of the parts.
  const STYLES = "/* styles */";
  const PARTS = {
    follow: "/* follow */",
    write: "/* write */",
    publisher: "/* publisher */",
    words: "/* words */",
  };

  const ATTRIBUTES = {
    article: "",
    site: "",
    order: "",
    "page-size": "",
    lang: "",
    loading: "lazy",
    theme: "auto",
  }; // if not set
  const TIMEOUT = 15_000; // ms until a request without an answer counts as lost
  const PATIENCE = 2000; // ms until English must do, where nothing comes
  const AWAY = 1000; // ms after which an element that was taken out does not count as moved; routers take some tasks to put it back
  const MARGIN = "1000px"; // a lazy thread is loaded when it is this near to being seen
  const PAUSE = 60_000; // ms between two looks whether there are new comments
  const FRAMES = 34; // ms, of two frames: who draws some comments within that gets twice as many next time
  const NO_FRAME = 1000; // ms without one: nobody sees the page, though it is not hidden; it may be a frame far down
  const BUILDING = /\blocalhost$|^127\.|^\[::1]/; // hosts of pages that nobody else sees yet
  const PUBLIC = location.protocol.startsWith("http"); // whether others can open the page: not about:srcdoc
  const MOVES = ["currententrychange", "hashchange", "pointerover"]; // tell of a new address; all but the first where there is no Navigation API
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const UNITS = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];

  // A module is never the current script. But where an error arises is said in its stack, in every browser.
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const address = script?.src ?? /http\S+\/embed[\w-]*\.js/.exec(`${new Error().stack}`)?.[0];
  const SERVICE = address ? new URL(".", address).href : ""; // it may live under a path

  const { navigation = window } = /** @type {{ navigation?: EventTarget }} */ (
    /** @type {unknown} */ (window)
  );

  let wrote = false; // somebody did in this page, whatever its storage keeps
  let served = NaN; // when the last page of a thread was sent, as the service says; a cache may have kept it since
  let skew = 0; // ms by which the reader's clock is slow

  /** @typedef {{ status: number }} Refusal of the answer; 0: no whole one came */

  /** Whether somebody wrote in this browser before, or began to: write.js knows what. */
  function known() {
    try {
      return Object.keys(localStorage).some((name) => name.startsWith(`${SERVICE} `));
    } catch {
      return false; // storage is forbidden here
    }
  }

  /**
   * The body of an HTML answer. XMLHttpRequest makes the document, because that needs no
   * permission of the page's policy; innerHTML and DOMParser would, under Trusted Types.
   * @param {string} path @param {AbortSignal} signal
   * @param {(request: XMLHttpRequest) => void} [send] @param {string} [method]
   * @returns {Promise<HTMLElement>}
   */
  function markup(path, signal, send = (request) => request.send(), method = "GET") {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const stop = () => request.abort();
      request.open(method, SERVICE + path);
      request.responseType = "document";
      request.timeout = TIMEOUT;
      request.onloadend = () => {
        signal.removeEventListener("abort", stop);
        const { status, response } = request;
        if (status === 200 && response) {
          served = Date.parse(request.getResponseHeader("Date") ?? "");
          resolve(response.body);
        } else reject({ status: status === 200 ? 0 : status });
      };
      signal.addEventListener("abort", stop);
      send(request);
    });
  }

  class CommentThread extends HTMLElement {
    static observedAttributes = [...Object.keys(ATTRIBUTES), "closed"];

    #root = this.attachShadow({ mode: "open" });
    #states = this.attachInternals().states;
    #fallback = document.createElement("slot"); // the link within the element
    #staying = new AbortController(); // ends what an element that is taken away has no more use for
    /** @type {HTMLElement | null} */
    #focused = null; // has the focus, or had it when the element was taken out
    #used = ""; // the key that was pressed last, if it is for nobody else
    #styles = STYLES; // and those of the parts
    #loading = new AbortController(); // ends a load that another one overtakes, too
    #observer = new IntersectionObserver(
      (seen) => {
        if (!seen.some((entry) => entry.isIntersecting)) return;
        this.#observer.disconnect();
        this.#load();
      },
      { rootMargin: MARGIN },
    );
    #foreign = new MutationObserver(() => this.#settle()); // of the languages around it
    #watching = 0;
    #settling = false;
    #shown = /** @type {Query} */ ({}); // the query of what is shown
    #loaded = ""; // the address of that, or of what is on its way
    #subject = ""; // site and article that are shown: drafts and tokens are theirs
    #here = permalink(named()); // the page's address and the comment that it names, as they were last followed
    /** @type {{ [name in keyof Parts]?: Promise<Parts[name]> }} those of this subject that are loaded */
    #parts = {};
    #failures = 0; // to load a part

    constructor() {
      super();
      this.#dress();
      this.#root.append(this.#fallback);
      this.#root.addEventListener("click", (event) => this.#clicked(/** @type {MouseEvent} */ (event)));
      for (const type of ["focusin", "input", "submit"]) {
        this.#root.addEventListener(type, (event) => this.#wrote(event));
      }
      this.#root.addEventListener("focusout", () =>
        queueMicrotask(() => {
          // who takes the element out does not end it
          if (this.isConnected) this.#focused = /** @type {HTMLElement | null} */ (this.#root.activeElement);
        }),
      );
    }

    static {
      // Each attribute is a property too: some frameworks set those, and undefined to take one away.
      for (const [name, unset] of Object.entries(ATTRIBUTES)) {
        Object.defineProperty(this.prototype, property(name), {
          get() {
            return this.getAttribute(name) ?? unset;
          },
          set(value) {
            if (value == null) this.removeAttribute(name);
            else this.setAttribute(name, value);
          },
        });
      }
    }

    get closed() {
      return this.hasAttribute("closed");
    }
    set closed(value) {
      this.toggleAttribute("closed", Boolean(value));
    }

    // Connect

    connectedCallback() {
      this.#upgrade();
      const { signal } = this.#staying;
      if (!this.#watching) {
        // it comes; else it is moved
        for (const type of MOVES) navigation.addEventListener(type, () => this.#arrive(), { signal });
        addEventListener("visibilitychange", () => this.#watch(), { signal });
        addEventListener("beforeprint", () => this.#print(), { signal });
        matchMedia("print").addEventListener("change", () => this.#print(), { signal }); // some who print tell this alone
        this.#watching = setInterval(() => this.#watch(), PAUSE);
      }
      // In another document it is another window; the same one takes a listener once.
      for (const type of /** @type {const} */ (["keydown", "keypress", "keyup"]))
        this.ownerDocument.defaultView?.addEventListener(type, this.#pressed, { signal, capture: true });
      if (!this.ownerDocument.activeElement?.matches(":not(body)"))
        this.#focused?.focus({ preventScroll: true });
      this.#settle();
    }

    /** By moveBefore; the place may be in another language. */
    connectedMoveCallback() {
      this.#settle();
    }

    /** Sheets of one document are none in another, and a browser takes them away. */
    adoptedCallback() {
      this.#dress();
    }

    disconnectedCallback() {
      setTimeout(() => {
        if (this.isConnected) return; // it was moved
        this.#staying.abort();
        this.#staying = new AbortController(); // it may come back all the same
        this.#foreign.disconnect();
        clearInterval(this.#watching);
        this.#watching = 0;
        this.#focused = null;
      }, AWAY);
    }

    /** A property that was set before the script came means the attribute; those of other names are the page's. */
    #upgrade() {
      const element = /** @type {any} */ (this);
      for (const name of CommentThread.observedAttributes.map(property)) {
        if (!Object.hasOwn(this, name)) continue;
        try {
          const value = element[name];
          delete element[name];
          element[name] = value;
        } catch {
          continue; // it cannot be read, be taken away or be text: as if it were not set
        }
      }
    }

    /** Put its styles on. @param {string} [more] of a part */
    #dress(more = "") {
      const view = this.ownerDocument.defaultView;
      if (!this.#styles.includes(more)) this.#styles += more;
      if (!view) return; // in a document that nobody sees; another one comes
      const sheet = new view.CSSStyleSheet();
      sheet.replaceSync(this.#styles);
      this.#root.adoptedStyleSheets = [sheet];
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
        if (!SERVICE) return tell("load embed.js by a <script src>.", this);
        this.#observer.disconnect();
        if (!this.#article.trim()) return this.#explain();
        if (!this.#section) this.#states.add("waiting");
        if (this.#loaded || this.getAttribute("loading") === "eager" || named()) this.#load();
        else this.#observer.observe(this.#root.children[0]); // the element may have no box of its own
      });
    }

    // Load

    /** On paper nobody scrolls to it. */
    #print() {
      if (this.#article.trim()) this.#load();
    }

    async #load() {
      const query = this.#query;
      const comment = this.#isShown ? undefined : named();
      const address = fragment(query);
      if (address === this.#loaded) return;
      this.#loaded = address;
      this.#loading.abort();
      this.#loading = new AbortController();
      const { signal } = this.#loading;
      try {
        const fetched = this.#fetch(fragment({ ...query, comment }), signal);
        setTimeout(() => clock(query.lang || "en")); // while we wait: a browser takes a while to start telling times
        const page = await fetched;
        if (signal.aborted) return;
        this.#shown = query;
        await this.#show(page);
        if (signal.aborted) return;
        if (!this.isConnected) return void (this.#loaded = this.#here = ""); // nobody would hear of it: it is loaded again where it is put back
        if (comment) this.#focus(`comment-${comment}`);
        this.#arrive();
        if (Math.abs(served - Date.now() - skew) > PAUSE) this.#watch(); // a cached page or a wrong clock: the next answer tells
        this.#emit("loaded", { article: query.article, count: Number(page.section.dataset.count) });
      } catch (error) {
        if (!signal.aborted) await this.#fail(/** @type {Refusal} */ (error), signal);
      }
    }

    /** In which it is to be read: the language nearest around it that is one, else the reader's. It is told of changes. @returns {string | undefined} */
    get #language() {
      const said = [];
      for (let around = /** @type {any} */ (this); around; around = around.parentNode ?? around.host) {
        // out of shadow roots, too
        said.push(around.getAttribute?.("lang"));
        if (!around.parentNode) this.#foreign.observe(around, { subtree: true, attributeFilter: ["lang"] });
      }
      return [...said, navigator.language].flatMap(languages)[0];
    }

    get #isShown() {
      return this.#subject === subject(this.#query);
    }

    /** For what the attributes ask. @returns {Query} */
    get #query() {
      const [site, order, limit] = ["site", "order", "page-size"].map(
        (name) => this.getAttribute(name) ?? "",
      );
      return {
        article: this.#article,
        site,
        order,
        limit,
        closed: this.hasAttribute("closed") && "1",
        lang: this.#language,
      };
    }

    /**
     * A page of the thread: the section, its list still empty, and what comes into that.
     * @param {string} address @param {AbortSignal} signal @returns {Promise<Page>}
     */
    async #fetch(address, signal = this.#staying.signal) {
      const found = /** @type {HTMLElement | null} */ (
        (await markup(address, signal)).querySelector(".comments:has(>template)")
      ); // it comes last: nothing was cut off
      if (!found) throw { status: 0 };
      const comments = [...found.querySelectorAll(".thread > li")];
      found.querySelector(".thread")?.replaceChildren();
      return { section: document.importNode(found, true), comments };
    }

    /**
     * Fill a list: as many comments at a time as this device draws without a stutter.
     * @param {Element} list @param {Element[]} comments
     */
    async #grow(list, comments) {
      for (let at = 0, many = 1, begun = 0; at < comments.length;) {
        const seen = await drawn();
        const now = performance.now();
        many = seen ? Math.ceil(now - begun < FRAMES ? many * 2 : many / 2) : comments.length;
        begun = now;
        for (const comment of comments.slice(at, (at += many))) {
          const item = document.importNode(comment, true);
          list.append(item);
          this.#speak(item);
        }
      }
    }

    /** Nothing could be loaded: what is there stays, and one can try again. @param {Refusal} why @param {AbortSignal} signal */
    async #fail({ status }, signal) {
      this.#loaded = "";
      if (this.#isShown) this.#say("unread");
      else {
        const late = new Promise((resume) => setTimeout(resume, PATIENCE));
        const inLanguage = this.#with(
          "words",
          (words) => words.of(this.#language),
          () => {},
        );
        const words = /** @type {string[] | undefined} */ (await Promise.race([inLanguage, late]));
        if (signal.aborted) return;
        const said = document.createElement("p");
        const again = document.createElement("button");
        [said.lang, said.textContent, again.textContent] = words ?? [
          "en",
          "The comments could not be loaded.",
          "Try again",
        ];
        said.className = "comments";
        said.role = "status";
        said.dir = "auto";
        again.onclick = () => this.#load();
        said.append(" ", again);
        this.#root.replaceChildren(this.#fallback, said);
        this.#subject = "";
      }
      this.#states.delete("waiting");
      this.#explain(status);
      this.#emit("error", { status, type: status ? "" : "network" });
    }

    /** The publisher is told what to do. @param {number} [status] that the service answered; 0: it did not */
    #explain(status) {
      const unanswered = () => tell(`${SERVICE} does not answer: is it running, and in connect-src?`, this);
      if (status === 0) unanswered();
      else this.#with("publisher", (publisher) => publisher.explain(status), unanswered);
    }

    // Show

    /** Put the thread in place; where one is shown already, without harm to what somebody writes. @param {Page} page */
    async #show(page) {
      const { section, comments } = page;
      const shown = subject(this.#shown);
      if (this.#subject === shown) await this.#with("follow", (follower) => follower.replace(page));
      else {
        this.#root.replaceChildren(section);
        this.#subject = shown;
        this.#parts = {};
        section.ariaBusy = "true"; // comments.css hides what stands below the list as long as that grows
        await this.#grow(/** @type {Element} */ (section.querySelector(".thread")), comments);
        section.ariaBusy = null;
        this.#states.delete("waiting");
      }
      if (this.#subject === shown) await this.#mark();
    }

    /** One's own comments are marked. Somebody who only reads has left nothing here, and needs no more than this. */
    async #mark() {
      if (wrote || known()) await this.#with("write", (writer) => writer.shown());
    }

    /** Times as the reader says them: as the page does where that is in the thread's language. @param {Element} part */
    #speak(part) {
      const wanted = this.#shown.lang || "";
      const language = /** @type {HTMLElement} */ (part.closest(".comments") ?? this.#section).lang;
      const { relative, exact } = clock(wanted.split("-")[0] === language.split("-")[0] ? wanted : language);
      for (const time of part.querySelectorAll("time")) {
        const moment = Date.parse(time.dateTime);
        const ago = Math.max(0, (Date.now() + skew - moment) / 1000);
        const [unit, seconds] = UNITS.find(([, length]) => ago >= length) ?? ["second", Infinity];
        time.textContent = relative.format(-Math.floor(ago / seconds), unit);
        time.title = exact.format(moment);
      }
      for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
        part.querySelectorAll(".when, .answers")
      )) {
        if (PUBLIC) link.href = permalink(named(link.hash)); // here, where one reads, and not on the service's page
      }
    }

    /** The page's address is another: permalinks follow it, and the comment that it names is gone to. */
    #arrive() {
      const comment = named();
      const before = this.#here;
      const here = permalink(comment);
      if (here === before) return;
      if (!this.#section) return comment && this.#print(); // in the end that comes back here
      if (this.#isShown) this.#here = here; // else it may mean the thread that is on its way, which looks again
      this.#speak(/** @type {HTMLElement} */ (this.#section));
      if (comment && !before.endsWith(comment)) this.#goTo(comment);
    }

    /** Go to a comment, which is looked for if it is not here. @param {string} comment */
    #goTo(comment) {
      if (!this.#focus(`comment-${comment}`)) this.#with("follow", (follower) => follower.bring(comment));
    }

    /** Go to a comment, out of all that hides it. @param {string} id @returns whether it is here */
    #focus(id) {
      const found = this.#root.getElementById(id);
      if (found?.checkVisibility() === false) this.#with("follow", (follower) => follower.reveal(found));
      found?.focus();
      drawn().then(() => found?.scrollIntoView({ block: "nearest" })); // what is near it has its height by then
      return Boolean(found);
    }

    /** Whether there are new comments. */
    #watch() {
      if (this.#section && !document.hidden) {
        this.#with(
          "follow",
          (follower) => follower.watch(),
          () => {},
        ); // nobody asked: the next look will do
      }
    }

    // Hand on

    /** @param {MouseEvent} event */
    #clicked(event) {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const on = /** @type {HTMLAnchorElement | null} */ (
        /** @type {Element} */ (event.target).closest("a, button")
      );
      if (on?.matches(".fold, .next, .first, .fresh")) this.#with("follow", (follower) => follower.act(on));
      else if (on?.matches("[data-write], .send"))
        this.#with("write", (writer) => writer.act(on)); // no form is sent in a sandbox
      else if (on?.matches(PUBLIC ? ".answers" : ".answers, .when")) this.#goTo(`${named(on.hash)}`);
      else return;
      event.preventDefault();
    }

    /**
     * A key: what a text field makes of it is no matter for shortcuts of the page, so it hears nothing of that.
     * And what is used here closes no dialog.
     * @param {KeyboardEvent} event
     */
    #pressed = (event) => {
      const { key, type } = event;
      const field = /** @type {import("./write.js").Field | null} */ (this.#root.activeElement);
      if (!field || event.target !== this.ownerDocument.activeElement) return; // some script's, for another part of the page
      const down = type === "keydown";
      if (down) this.#used = key === "Escape" && field.closest("li form") ? key : ""; // it leaves a reply or an edit
      if (this.#used === key) event.preventDefault();
      if (this.#used === key || (field.matches("input, textarea") && !isSpare(event)))
        event.stopImmediatePropagation();
      if (down) this.#wrote(event, field);
    };

    /** Somebody does something in the form. @param {Event} event @param {any} field the browser forgets it afterwards */
    #wrote(event, field = event.target) {
      const { type } = event;
      if (type === "focusin") this.#focused = field;
      if (type === "submit") event.preventDefault();
      if (!field.closest("form")) return;
      if (this.#failures && !this.#parts.write && /^[ik]/.test(type)) return; // no request for each key on a bad day
      this.#with("write", (writer) => writer.heard(event, field));
    }

    /**
     * Do something with a part, which is loaded when it is needed first.
     * @template {keyof Parts} Name
     * @param {Name} name @param {(part: Parts[Name]) => unknown} act
     * @param {() => void} [failed] what to do where it cannot be loaded
     */
    async #with(name, act, failed = () => this.#say("unread")) {
      const parts = this.#parts;
      wrote ||= name === "write";
      const address = `${SERVICE}${name}-${PARTS[name]}.js${this.#failures ? `?${this.#failures}` : ""}`;
      const mine = (parts[name] ??= import(address).then(({ default: Part }) => new Part(this.#hands)));
      const part = await mine.catch(() => null);
      if (parts !== this.#parts) return; // another thread is shown meanwhile
      if (part) return act(part);
      if (parts[name] === mine) {
        delete parts[name]; // the next touch tries again, by an address that is not known to fail
        this.#failures++;
      }
      failed();
    }

    /** What the parts work with. */
    get #hands() {
      const thread = this;
      const subject = this.#subject;
      const { article, site } = this.#shown; // the attributes may name the next one already
      return {
        SERVICE,
        element: this,
        root: this.#root,
        subject,
        article,
        site,
        /** whether that is still shown */
        get current() {
          return thread.#subject === subject;
        },
        get signal() {
          return thread.#staying.signal;
        },
        /** the time on the service's clock */
        set now(/** @type {number} */ now) {
          skew = now - Date.now();
        },
        markup,
        /** @param {string} text */
        dress: (text) => this.#dress(text),
        /** @param {Element} part */
        speak: (part) => this.#speak(part),
        /** @param {string} id */
        focus: (id) => this.#focus(id),
        /** @param {"posted" | "held" | "unread"} [what] */
        say: (what) => this.#say(what),
        /** @param {string} what */
        tell: (what) => tell(what, this),
        /** @param {"posted" | "error"} name @param {object} detail */
        emit: (name, detail) => this.#emit(name, detail),
        /** @param {Query} [more] */
        address: (more) => fragment({ ...this.#shown, ...more }),
        /** @param {string} address */
        fetch: (address) => this.#fetch(address),
        /** @param {Page} page */
        show: (page) => this.#show(page),
        mark: () => this.#mark(),
        /** @param {Element} list @param {Element[]} comments */
        grow: (list, comments) => this.#grow(list, comments),
      };
    }

    /** @param {"posted" | "held" | "unread"} [what] */
    #say(what) {
      const status = /** @type {HTMLElement} */ (this.#root.querySelector(".status"));
      status.textContent = (what && status.dataset[what]) ?? "";
    }

    /** @param {"loaded" | "posted" | "error"} name @param {object} detail */
    #emit(name, detail) {
      this.dispatchEvent(new CustomEvent(`comments:${name}`, { bubbles: true, composed: true, detail }));
    }

    get #article() {
      return this.getAttribute("article") ?? "";
    }

    get #section() {
      return /** @type {HTMLElement | null} */ (this.#root.querySelector("section"));
    }
  }

  /** Whether a text field has no use for that key, so that the page may have some. @param {KeyboardEvent} event */
  function isSpare({ key, ctrlKey, metaKey, altKey }) {
    if (altKey || !(ctrlKey || metaKey)) return /^(Tab|F\d+)$/.test(key); // Alt writes letters, alone (macOS) or with Ctrl (Windows)
    return /^[^acvxyz]$/i.test(key); // it selects all, copies, pastes, cuts, takes back and does again
  }

  /** The property of an attribute. @param {string} name */
  function property(name) {
    return name.replace("-s", "S");
  }

  /** The address of a page of a thread. @param {Query} query */
  function fragment(query) {
    return `thread/fragment?${new URLSearchParams(/** @type {[string, string][]} */ (Object.entries(query).filter(([, value]) => value)))}`;
  }

  /** Whose drafts and tokens they are: site and article. @param {Query} query */
  function subject({ site, article }) {
    return JSON.stringify([site, article]);
  }

  /** The id of the comment that a fragment names, that of the page's address unless told. */
  function named(hash = location.hash) {
    return /(?:^#comment-|[?&]comment=)([\w-]+)(?=&|$)/.exec(hash)?.[1];
  }

  /** The address of a comment on this page, which may route by what stands behind the #. @param {string | undefined} comment */
  function permalink(comment) {
    const [page, hash = ""] = location.href.split(/#(.*)/s);
    if (!/^!|\//.test(hash)) return `${page}#comment-${comment}`;
    const route = hash.replace(/#.*|([?&])comment=[^&]*&?/gs, "$1").replace(/[?&]$/, "");
    return `${page}#${route}${route.includes("?") ? "&" : "?"}comment=${comment}`;
  }

  /** @param {string | null} [tag] @returns {string[]} it, if it is a language tag */
  function languages(tag) {
    try {
      return Intl.getCanonicalLocales(tag ?? []);
    } catch {
      return []; // lang="de_AT": another will do
    }
  }

  /** Whether the next frame is on the screen; else there is none, as nobody looks. @returns {Promise<boolean>} */
  function drawn() {
    return new Promise((resume) => {
      if (document.hidden) return resume(false);
      requestAnimationFrame(() => setTimeout(resume, 0, true));
      setTimeout(resume, NO_FRAME, false);
    });
  }

  /** @type {Record<string, { relative: Intl.RelativeTimeFormat, exact: Intl.DateTimeFormat }>} */
  const clocks = {};

  /** What tells times in that language. @param {string} language */
  function clock(language) {
    return (clocks[language] ??= {
      relative: new Intl.RelativeTimeFormat(language, { numeric: "auto" }),
      exact: new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }),
    });
  }

  /** Tell the publisher what is wrong: in the console, and in place while the page is being built. @param {string} what @param {CommentThread} element */
  function tell(what, element) {
    console.error(`<comment-thread>: ${what}`, element);
    if (!BUILDING.test(location.hostname)) return;
    const said = document.createElement("samp");
    said.textContent = `For the publisher: ${what}`;
    element.shadowRoot?.append(said);
  }

  if (!customElements.get("comment-thread")) customElements.define("comment-thread", CommentThread);
}
