// What a person needs to write: the form that moves, drafts, sending, and one's own comments.
// The widget loads it when somebody touches the form, or left something here before.

/**
 * @typedef {{ token: string, from: number, pause: number }} Token `from`: not to be sent before, on the clock of performance.now()
 * @typedef {{ status: number, comment?: { id: string, posted_at: string }, edit_key: string, edit_until: string, author_key: string, state?: string }} PostedAnswer without a comment: it is made, and nothing else could be read
 * @typedef {{ text?: string, parent?: string, token?: string }} Draft `token`: it was sent with that, and no answer came
 * @typedef {{ name?: string, email?: string, url?: string, author_key?: string }} Person
 * @typedef {{ key: string, until: number, text: string, subject: string, held: boolean }} Own a comment of one's own, as long as it may be edited: `until` then, on the clock of this browser
 * @typedef {HTMLInputElement | HTMLTextAreaElement} Field
 * @typedef {{
 *   SERVICE: string, element: Element, root: ShadowRoot, subject: string, article: string, site: string, current: boolean, signal: AbortSignal,
 *   markup(path: string, signal: AbortSignal, send?: (request: XMLHttpRequest) => void, method?: string): Promise<HTMLElement>,
 *   address(more?: Record<string, string>): string, fetch(address: string): Promise<object>, show(page: object): Promise<void>,
 *   dress(text: string): void, speak(part: Element): void, focus(id: string): boolean, tell(what: string): void,
 *   say(what?: "posted" | "held" | "unread"): void, emit(name: "posted" | "error", detail: object): void,
 * }} Thread what embed.js gives
 */

import { ask, Refused } from "./api.js";
import { Kept } from "./saved.js";

const STYLES = "/* styles */"; // the service puts write.css here
const MOST_TRIES = 4; // of one press of the button: a token may be too young, then too old
const REGRET = 10_000; // ms in which a deletion can be undone
const NEARLY = 0.9; // of the longest text: from there on its length is shown

/** What was typed in the fields beside the text, by subject: without one's wish it is not kept beyond this page. @type {Map<string, Person>} */
const typed = new Map();

export default class Writer {
  /** @type {Thread} */ #thread;
  /** @type {Kept} */ #kept;
  /** @type {HTMLFormElement} */ #form;
  /** @type {string} */ #draft; // its name in the storage
  #drafted = ""; // the text of it that the form last took or left there
  #editing = ""; // the id of one's own comment that the form holds
  #sending = false;
  /** @type {Promise<Token> | undefined} */ #token;
  /** @type {string | undefined} */ #unanswered; // the token that was sent last, until its fate is known
  /** @type {Map<string, AbortController>} */ #regrets = new Map(); // deletions that wait, each with what ends that

  /** @param {Thread} thread */
  constructor(thread) {
    this.#thread = thread;
    this.#kept = new Kept(thread.SERVICE);
    this.#form = this.#formShown;
    this.#draft = draftOf(thread);
    thread.dress(STYLES);
    this.#prune();
    if (this.#form) this.#fill();
  }

  /** The thread was put in place, perhaps again: one's own comments get their buttons, held ones their places. */
  shown() {
    const before = this.#form;
    this.#form = this.#formShown; // another one, where the language changed
    if (!before && this.#form) this.#fill(); // the discussion was opened
    const active = /** @type {HTMLElement | null} */ (this.#thread.root.activeElement);
    for (const [id, own] of Object.entries(this.#owns)) {
      if (own.subject !== this.#thread.subject) continue;
      if (!this.#find(id)) this.#bring(id, own).catch(() => {}); // it waits, stands further on, or a cache has a page without it
      this.#mark(id);
    }
    this.#place(this.#editing || this.#field("parent")?.value, this.#editing);
    if (this.#form?.contains(active)) active?.focus({ preventScroll: true }); // it was moved
  }

  /** Something happened in the form. @param {Event} event @param {Field} field */
  heard(event, field) {
    if (event.type === "submit") this.#send();
    else if (event.type === "keydown") this.#pressed(/** @type {KeyboardEvent} */ (event), field);
    else {
      if (!this.#editing) this.#fresh().catch(() => {}); // no matter yet: sending asks again
      if (event.type === "focusin" && !this.#editing && !this.#sending) this.#take(); // another tab may have gone on with it
      if (event.type === "input") this.#typed(field);
    }
  }

  /** @param {KeyboardEvent} event @param {Field} field */
  #pressed({ key, ctrlKey, metaKey, isComposing, keyCode }, field) {
    if (isComposing || keyCode === 229) return; // it is the input method's: UI Events, 7.3.1
    if (key === "Escape") this.#leave();
    if (key === "Enter" && (ctrlKey || metaKey) && field.name === "text") this.#send();
  }

  /** A link or button was pressed that says by `data-write` what it does. @param {HTMLElement} button */
  act(button) {
    this.#thread.say();
    const comment = button.closest("li")?.querySelector(".comment")?.id.replace("comment-", "") ?? "";
    const { write = "send" } = button.dataset;
    /** @type {Record<string, () => void>} */ ({
      send: () => this.#send(),
      reply: () => this.#reply(comment),
      cancel: () => this.#leave(),
      preview: () => this.#preview(),
      edit: () => this.#edit(comment),
      delete: () => this.#delete(comment),
      undo: () => this.#regret(comment),
    })[write]?.();
  }

  // The form

  /** What this browser kept goes back into it. */
  #fill() {
    const kept = /** @type {Person} */ (this.#kept.read("person"));
    const person = { ...kept, ...typed.get(this.#thread.subject) };
    for (const name of /** @type {const} */ (["name", "email", "url"]))
      this.#field(name).value ||= person[name] ?? "";
    if (kept.email) this.#remembering.checked = true; // and never the other way: it may have been ticked meanwhile
    const parent = this.#take();
    if (parent) this.#place(parent);
  }

  /** The draft goes into the form, unless that holds something newer. @returns the comment that it answers */
  #take() {
    const field = this.#field("text");
    const { text, parent, token } = /** @type {Draft} */ (this.#kept.read(this.#draft));
    if (!text || text === field.value || field.value !== this.#drafted) return;
    field.value = this.#drafted = text;
    if (token) {
      // It may have made a comment already, and makes no second one.
      this.#unanswered = token;
      this.#token = Promise.resolve({ token, from: 0, pause: 2000 });
    }
    return parent;
  }

  /** It goes under that comment; home, if that is not shown or none is named. @param {string} [comment] @param {string} [editing] */
  #place(comment, editing = "") {
    if (!this.#form) return;
    const above = comment ? this.#find(comment) : null;
    const home = this.#part(".home");
    this.#editing = above ? editing : "";
    this.#field("parent").value = above && !editing && comment ? comment : "";
    this.#part(".plain").hidden = Boolean(above);
    this.#part(".answering").hidden = !above || Boolean(editing);
    this.#part(".editing").hidden = !this.#editing;
    this.#part(".answered").textContent = above?.querySelector(".author")?.textContent ?? "";
    for (const part of this.#form.querySelectorAll(".person, .remember, .notes")) {
      /** @type {HTMLElement} */ (part).hidden = Boolean(this.#editing);
    }
    this.#relabel();
    if (above?.nextElementSibling === this.#form) return;
    if (above) above.after(this.#form);
    else if (this.#form.parentElement !== home) home.append(this.#form);
  }

  #relabel() {
    const button = this.#part(".send");
    const { sending, save, post } = button.dataset;
    button.textContent = (this.#sending ? sending : this.#editing ? save : post) ?? "";
  }

  /** @param {string} comment */
  #reply(comment) {
    this.#finish();
    this.#place(comment);
    this.#keep();
    this.#field("text").focus();
  }

  /** Leave a reply or an edit: the words stay, and the focus goes back to where one came from. */
  #leave() {
    const [comment, from] = this.#editing
      ? [this.#editing, ".edit"]
      : [this.#field("parent").value, ".reply"];
    if (!comment || this.#sending) return;
    this.#place(this.#finish());
    this.#keep();
    /** @type {HTMLElement | null} */ (this.#find(comment)?.querySelector(from) ?? null)?.focus();
  }

  /** An edit ends, however: the draft that it took the place of comes back. @returns the comment that it answers */
  #finish() {
    if (!this.#editing) return "";
    const { text = "", parent = "" } = /** @type {Draft} */ (this.#kept.read(this.#draft));
    this.#editing = "";
    this.#field("text").value = this.#drafted = text;
    this.#hidePreview();
    this.#complain();
    return parent;
  }

  /** @param {Field} field */
  #typed(field) {
    const { name, email, url } = this.#values;
    typed.set(this.#thread.subject, { name, email, url });
    if (field === this.#remembering || (field.name !== "text" && this.#remembering.checked)) this.#remember();
    if (field.name === "text") {
      this.#keep();
      this.#hidePreview();
      const [length, most] = [[...field.value].length, Number(field.dataset.most)];
      this.#part(".length").textContent = length > most * NEARLY ? `${length} / ${most}` : "";
    }
    field.removeAttribute("aria-invalid");
    const said = /** @type {HTMLElement | null} */ (this.#form.querySelector(`[data-error="${field.name}"]`));
    if (said) said.hidden = true;
  }

  /** The thread, as requests name it. @returns {Record<string, string>} */
  get #named() {
    const { site, article } = this.#thread;
    return site ? { article, site } : { article };
  }

  /** The draft stays until it is sent. */
  #keep() {
    if (this.#editing) return;
    const text = this.#field("text").value;
    const draft = { text, parent: this.#field("parent").value, token: this.#unanswered };
    this.#drafted = text;
    this.#kept.write(this.#draft, text ? draft : null);
  }

  #remember(author_key = /** @type {Person} */ (this.#kept.read("person")).author_key) {
    const { name, email, url } = this.#values;
    this.#kept.write("person", this.#remembering.checked ? { name, email, url, author_key } : null);
  }

  async #preview() {
    const shown = this.#part(".preview");
    if (!shown.hidden) return this.#hidePreview();
    const { signal, markup } = this.#thread;
    const { text } = this.#values;
    const { site } = this.#named;
    const sent = { text, site };
    this.#complain();
    try {
      const html = await markup(
        "api/v1/preview",
        signal,
        sending({ ...this.#headers({ sent }), Accept: "text/html" }, sent),
        "POST",
      );
      if (html.previousElementSibling?.hasChildNodes()) throw new Refused(0); // a page with a head: a proxy's own
      if (text !== this.#values.text) return;
      this.#part(".preview .text").replaceChildren(...document.importNode(html, true).childNodes);
      shown.hidden = false;
      this.#part(".show-preview").ariaExpanded = "true";
    } catch {
      // That request cannot read why it was refused; this one can.
      await this.#ask("api/v1/preview", { sent }).catch((error) => this.#recover(error));
    }
  }

  #hidePreview() {
    this.#part(".preview").hidden = true;
    this.#part(".show-preview").ariaExpanded = "false";
  }

  // Send

  async #send() {
    if (this.#sending) return;
    const editing = this.#editing;
    this.#busy(true);
    this.#complain();
    this.#thread.say();
    try {
      if (editing) await this.#save(editing);
      else await this.#posted(await this.#post());
    } catch (error) {
      this.#busy(false);
      if (this.#thread.current) this.#recover(error);
    } finally {
      this.#busy(false);
    }
  }

  /** While it is sent, nothing can be typed that the answer would sweep away. @param {boolean} busy */
  #busy(busy) {
    this.#sending = busy;
    this.#part(".send").ariaDisabled = busy ? "true" : null;
    this.#relabel();
    for (const field of this.#form.querySelectorAll("input, textarea"))
      /** @type {Field} */ (field).readOnly = busy;
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
    const query = new URLSearchParams({ ...this.#named, ...fresh() });
    const answer = await this.#ask(`api/v1/form?${query}`);
    if (!answer.token) throw new Refused(0); // a proxy's own words
    const pause = answer.min_seconds * 1000;
    return { token: answer.token, from: performance.now() + pause, pause };
  }

  /** @returns {Promise<PostedAnswer>} */
  async #post() {
    const { remember, ...fields } = this.#values;
    const { author_key } = remember ? /** @type {Person} */ (this.#kept.read("person")) : {};
    const said = { ...this.#named, ...fields, author_key, title: document.title, page_url: pageUrl() };

    for (let tries = 1; ; tries++) {
      const token = await this.#fresh();
      await new Promise((resume) => setTimeout(resume, token.from - performance.now()));
      this.#unanswered = token.token;
      this.#keep();
      try {
        return await this.#make({ ...said, token: token.token });
      } catch (error) {
        const { type, errors } = /** @type {Refused} */ (error);
        const unusable = type === "token-expired" || (type === "invalid" && errors.token);
        if (unusable || type === "token-spent") {
          this.#token = this.#unanswered = undefined;
          this.#keep();
        }
        if (type === "too-fast") token.from = performance.now() + token.pause;
        else if (!unusable) throw error;
        if (tries === MOST_TRIES) throw error;
      }
    }
  }

  /** The status is believed: what is made is not to be made again, even if nobody can read the answer. @param {object} sent @returns {Promise<PostedAnswer>} */
  async #make(sent) {
    const make = () => this.#ask("api/v1/comments", { sent });
    const answer = await make();
    if (answer.comment) return answer;
    if (answer.status === 200) throw new Refused(0); // a proxy's own words
    const again = await make().catch(() => answer); // by the same token the same answer, and no second comment
    return again.comment ? again : answer;
  }

  /** It is taken: the form is empty again, and the comment stands where it belongs. @param {PostedAnswer} answer */
  async #posted({ comment, status, state, edit_key: key, edit_until, author_key }) {
    const thread = this.#thread;
    const held = state === "pending" || status === 202;
    const id = comment?.id ?? "";
    const own = { key, until: 0, text: this.#field("text").value, subject: thread.subject, held };
    if (comment) {
      own.until = Date.now() + Date.parse(edit_until) - Date.parse(comment.posted_at); // the two clocks may differ
      this.#kept.write("edits", { ...this.#owns, [id]: own });
    }
    if (this.#kept.read(this.#draft).text === own.text) this.#kept.write(this.#draft, null); // else another tab went on meanwhile
    typed.delete(thread.subject);
    thread.emit("posted", { id, state: held ? "pending" : "approved" });
    if (this.#remembering.checked) this.#remember(author_key);
    this.#token = this.#unanswered = undefined;
    if (!thread.current) return; // another article is shown meanwhile
    this.#form.before(this.#part(".status")); // where the person looks
    this.#form.reset();
    this.#drafted = "";
    this.#part(".length").textContent = "";
    this.#hidePreview();
    this.#place();
    this.#fill();
    if (!held) this.#count();
    thread.say(held ? "held" : "posted");
    await (comment ? this.#bring(id, own) : this.#reload()).catch(() => {}); // it is posted all the same, which the status says
    if (!thread.focus(`comment-${id}`)) this.#part(".status").focus();
  }

  /** There is one public comment more. */
  #count() {
    const [section, shown] = [this.#part(".comments"), this.#part(".count")];
    section.dataset.count = shown.textContent = String(Number(section.dataset.count) + 1);
    shown.hidden = false;
  }

  // One's own comments

  /** @returns {Record<string, Own>} */
  get #owns() {
    return this.#kept.read("edits");
  }

  /** Edit keys are kept as long as they are good. */
  #prune() {
    const edits = Object.entries(this.#owns);
    const good = edits.filter(([, { until }]) => until > Date.now());
    if (good.length < edits.length) this.#kept.write("edits", good.length ? Object.fromEntries(good) : null);
  }

  /** Put one's own comment where it belongs, as the service draws it for its author. @param {string} id @param {Own} own */
  async #bring(id, own) {
    const { markup, signal, root, speak } = this.#thread;
    const query = new URLSearchParams({ comment: id, ...fresh() });
    const body = await markup(`thread/own?${query}`, signal, sending(this.#headers({ key: own.key })));
    const list = /** @type {HTMLElement} */ (document.importNode(body, true).querySelector(".thread"));
    const item = /** @type {HTMLElement} */ (list.firstElementChild);
    const held = "held" in item.dataset;
    if (held !== own.held) this.#kept.write("edits", { ...this.#owns, [id]: { ...own, held } });
    const { depth, parent } = item.dataset;
    const shown = root.querySelector(".thread");
    const old = this.#find(id)?.closest("li");
    if (old?.contains(this.#form) || this.#regrets.has(id)) return; // it came before, and somebody is at work on it
    const above = parent && this.#find(parent)?.closest("li");
    speak(list);
    if (old) old.replaceWith(item);
    else if (!shown) this.#part(".empty").replaceWith(list);
    else if (above) last(above, Number(depth)).after(item);
    else if (this.#part(".comments").dataset.order === "newest") shown.prepend(item);
    else shown.append(item);
    this.#mark(id);
  }

  /** The buttons to edit and delete it. @param {string} id */
  #mark(id) {
    const actions = this.#find(id)?.querySelector(".actions");
    const buttons = /** @type {HTMLTemplateElement | null} */ (
      this.#thread.root.querySelector("template.own")
    );
    if (actions && buttons && !actions.querySelector(".edit"))
      actions.append(document.importNode(buttons.content, true));
  }

  /** @param {string} id */
  #edit(id) {
    this.#keep();
    this.#place(id, id);
    this.#field("text").value = this.#owns[id]?.text ?? "";
    this.#field("text").focus();
  }

  /** @param {string} id */
  async #save(id) {
    const { say, focus } = this.#thread;
    const own = this.#owns[id];
    const text = this.#field("text").value;
    const answer = await this.#ask(`api/v1/comments/${id}`, {
      method: "PATCH",
      sent: { text },
      key: own.key,
    });
    const edited = { ...own, text, held: answer.state === "pending" || answer.status === 202 };
    this.#kept.write("edits", { ...this.#owns, [id]: edited });
    this.#place(this.#finish());
    if (edited.held) say("held");
    await this.#bring(id, edited).catch(() => say("posted"));
    focus(`comment-${id}`);
  }

  /** It is hidden at once, and deleted when nobody regrets it in time. @param {string} id */
  #delete(id) {
    const comment = /** @type {HTMLElement} */ (this.#find(id));
    const line = /** @type {HTMLTemplateElement} */ (this.#thread.root.querySelector("template.deleted"));
    if (this.#editing === id) this.#leave();
    comment.before(document.importNode(line.content, true));
    comment.hidden = true;
    const act = () => this.#erase(id);
    const waiting = new AbortController();
    const { signal } = waiting;
    const timer = setTimeout(act, REGRET);
    signal.addEventListener("abort", () => clearTimeout(timer));
    this.#thread.signal.addEventListener("abort", act, { signal });
    addEventListener("pagehide", act, { signal });
    this.#regrets.set(id, waiting);
    const undo = /** @type {HTMLElement | null | undefined} */ (
      comment.parentElement?.querySelector('[data-write="undo"]')
    );
    undo?.focus();
  }

  /** @param {string} id @param {boolean} [back] the focus goes back to where one came from */
  #regret(id, back = true) {
    const comment = /** @type {HTMLElement} */ (this.#find(id));
    this.#decided(id);
    comment.hidden = false;
    comment.parentElement?.querySelector(".deleted")?.remove();
    if (back) /** @type {HTMLElement} */ (comment.querySelector('[data-write="delete"]')).focus();
  }

  /** A deletion waits no longer. @param {string} id @returns whether it did */
  #decided(id) {
    this.#regrets.get(id)?.abort();
    return this.#regrets.delete(id);
  }

  /** @param {string} id */
  async #erase(id) {
    if (!this.#decided(id)) return;
    try {
      await this.#ask(`api/v1/comments/${id}`, {
        method: "DELETE",
        key: this.#owns[id].key,
        keepalive: true,
      });
    } catch (error) {
      if (!this.#thread.current) return; // the next visit shows it
      this.#regret(id, false);
      return this.#recover(error);
    }
    const others = this.#owns;
    delete others[id];
    this.#kept.write("edits", others);
    if (!this.#thread.current) return;
    /** @type {HTMLElement | null | undefined} */ (
      this.#find(id)?.parentElement?.querySelector('[data-write="undo"]')
    )?.remove();
    await this.#reload().catch(() => {}); // the line stays, which says that it is deleted
  }

  async #reload() {
    const { fetch, address, show } = this.#thread;
    await show(await fetch(address(fresh())));
  }

  // Recover

  /** Say what went wrong; what was typed stays. @param {unknown} error */
  #recover(error) {
    const refused = error instanceof Refused;
    if (!refused) reportError(error); // a fault of ours or of the page's: whoever mends it is told, and so is the person
    const { status, type, message, errors } = refused ? error : new Refused(500);
    const { lost, failed } = this.#part(".whole").dataset;
    // Of a service that is broken, or a proxy before it, the words are of no use to the person.
    const [beside, said] = status < 500 ? [errors, status ? message || failed : lost] : [{}, failed];
    const names = Object.keys(beside);
    const apart = names.filter((name) => !this.#form.querySelector(`[data-error="${name}"]`));
    this.#complain(
      beside,
      apart.flatMap((name) => beside[name]).join(" ") || (names.length > apart.length ? "" : said),
    );
    if (type === "origin") this.#thread.tell(message);
    this.#thread.emit("error", { status, type });
  }

  /** Each error stands beside its field, the rest above the button. @param {Record<string, string[]>} errors */
  #complain(errors = {}, whole = "") {
    /** @type {HTMLElement | undefined} */
    let first;
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (this.#form.querySelectorAll("[data-error]"))) {
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

  // Ask

  /** What a request says of itself: errors come in the language of the form. @param {{ sent?: object, key?: string }} what */
  #headers({ sent, key }) {
    return {
      "Accept-Language": this.#part(".comments")?.lang || "en",
      ...(sent && { "Content-Type": "application/json" }),
      ...(key && { Authorization: `Bearer ${key}` }),
    };
  }

  /** @param {string} path @param {{ method?: string, sent?: object, key?: string, keepalive?: boolean }} [more] */
  #ask(path, { key, ...more } = {}) {
    return ask(this.#thread.SERVICE + path, { headers: this.#headers({ sent: more.sent, key }), ...more });
  }

  // What the fragment holds

  get #formShown() {
    return /** @type {HTMLFormElement} */ (this.#thread.root.querySelector("form"));
  }

  get #values() {
    return /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(this.#form)));
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {Field} */ (this.#form?.elements.namedItem(name));
  }

  get #remembering() {
    return /** @type {HTMLInputElement} */ (this.#field("remember"));
  }

  /** @param {string} comment */
  #find(comment) {
    return this.#thread.root.getElementById(`comment-${comment}`);
  }

  /** @param {string} selector */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.#thread.root.querySelector(selector));
  }
}

/** Under which name a draft is kept: where one page shows an article more than once, each form has its own. @param {Thread} thread */
function draftOf({ element, subject }) {
  const { article, site } = /** @type {any} */ (element);
  const shown = /** @type {ParentNode} */ (element.getRootNode()).querySelectorAll(element.localName);
  const at = [.../** @type {Iterable<any>} */ (shown)]
    .filter((e) => e.article === article && e.site === site)
    .indexOf(element);
  return `draft ${subject}${at > 0 ? ` ${at + 1}` : ""}`;
}

/** What makes an address one that was never asked for, so that no cache answers, not even a page's own. */
function fresh() {
  return { fresh: `${Math.random()}` };
}

/** The page's own address, with its route where it has one behind the #; what stands in a query may be the reader's alone. */
function pageUrl() {
  const [page] = /^https?:[^?#]*/.exec(location.href) ?? []; // a frame's may be about:srcdoc
  const [route] = /^#(!|[^?#]*\/)[^?#]*/.exec(location.hash) ?? [];
  const { href = "" } =
    /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=canonical]")) ?? {};
  if (page && route) return page + route; // the canonical one is the same for all routes
  const [loaded] = performance.getEntriesByType("navigation"); // a router keeps the head, and so the canonical address, of the first page
  if (loaded && loaded.name.split("#")[0] !== location.href.split("#")[0]) return page;
  return (URL.canParse(href) && /^https?:[^?#]*/.exec(href)?.[0]) || page;
}

/** The last of what stands below *item*, at that depth or deeper: replies are in the order of time. @param {HTMLElement} item @param {number} depth */
function last(item, depth) {
  for (;;) {
    const next = /** @type {HTMLElement | null} */ (item.nextElementSibling);
    if (!next || Number(next.dataset.depth) < depth) return item;
    item = next;
  }
}

/** What sends a request with *headers*, and *sent* as JSON. @param {Record<string, string>} headers @param {object} [sent] */
function sending(headers, sent) {
  return (/** @type {XMLHttpRequest} */ request) => {
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(sent && JSON.stringify(sent));
  };
}
