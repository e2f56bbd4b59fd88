// The page of the queue: what keys and buttons do there, and what is told.

/** @import { Change, Decision, News, Outcome, UndoOutcome, Waiting } from "./types.js" */
/** @import { Entry } from "./entry.js" */
/** @import { Standing } from "./sender.js" */

import { Api, ApiError, fetchPage, requestNews, SignedOut } from "./api.js";
import { within } from "./entry.js";
import { shortcutOf } from "./keys.js";
import { EntryList } from "./list.js";
import { areKeysUsed, saveKeysUsed, WaitingDecisions } from "./saved.js";
import { Sender } from "./sender.js";
import { Words } from "./words.js";

const NEWS_PAUSE = 4000; // ms between two looks at what others did
const MOST_SEEN = 100; // comments that one look is about
const MOST_AT_ONCE = 200; // comments of one decision
const AHEAD = 20; // undecided comments; with fewer left, the next page is fetched

export class Desk {
  #main;
  #words;
  #api;
  #list;
  #waiting;
  #sender;
  /** Those that were made on this page, with one press each, the last ones at the end. @type {Decision[][]} */
  #made = [];
  #isFetching = false;
  /** Whether there are comments of the state that is listed, for a list that is not narrowed down. */
  #isMore = false;
  #usesKeys = areKeysUsed();

  /** @param {HTMLElement} main */
  constructor(main) {
    const { person = "", root = "", csrf = "", words = "" } = main.dataset;
    this.#main = main;
    this.#words = new Words(words, document.documentElement.lang);
    this.#api = new Api(root, csrf);
    this.#list = new EntryList(within(main, ".queue"), this.#words);
    this.#waiting = new WaitingDecisions(person);
    this.#sender = new Sender(this.#api, this.#waiting, {
      decided: (waiting, outcome) => this.#showOutcome(waiting, outcome),
      undone: (waiting, outcome) => this.#showUndone(waiting, outcome),
      refused: (waiting, why) => this.#showRefused(waiting, why),
      stands: (standing, many, why) => this.#showStanding(standing, many, why),
    });
  }

  start() {
    document.documentElement.classList.add("scripted");
    for (const { decision, undo } of this.#waiting.all()) {
      if (undo) this.#showUndo(decision, undo);
      else this.#show([decision]);
    }
    this.#list.begin();
    document.addEventListener("keydown", (event) => this.#press(event));
    this.#main.addEventListener("submit", (event) => this.#submit(event));
    this.#main.addEventListener("click", ({ target }) => this.#click(target));
    this.#main.addEventListener("change", ({ target }) => this.#chose(target));
    document.querySelector("form.who")?.addEventListener("submit", (event) => this.#signOut(event));
    addEventListener("online", () => this.#look());
    document.addEventListener("visibilitychange", () => this.#look());
    this.#prepareKeys();
    this.#showSelection();
    this.#sender.wake();
    setInterval(() => this.#look(), NEWS_PAUSE);
  }

  #prepareKeys() {
    within(this.#main, ".shortcuts").hidden = false;
    const box = /** @type {HTMLInputElement} */ (within(document.body, ".use-keys"));
    box.checked = this.#usesKeys;
    box.addEventListener("change", () => {
      this.#usesKeys = box.checked;
      saveKeysUsed(box.checked);
    });
    within(this.#dialog, ".close-keys").addEventListener("click", () => this.#dialog.close());
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (within(document.body, "dialog.keys"));
  }

  // What a person does

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (endsReason(event)) return this.#list.focus(this.#list.of(event.target));
    const shortcut = this.#usesKeys && !this.#dialog.open && shortcutOf(event);
    if (!shortcut) return;
    event.preventDefault();
    switch (shortcut) {
      case "next":
        return this.#list.move(1);
      case "previous":
        return this.#list.move(-1);
      case "undo":
        return this.#undoLast();
      case "select":
        this.#list.toggle();
        return this.#tellSelection();
      case "select-to":
        this.#list.selectToHere();
        return this.#tellSelection();
      case "open":
      case "answer":
        return this.#open(shortcut);
      case "reason":
        return this.#list.current?.reasonChoice?.focus();
      case "search":
        return within(this.#main, "#q").focus();
      case "help":
        return this.#dialog.showModal();
      default:
        return this.#decideHere(shortcut);
    }
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const { value } = /** @type {HTMLButtonElement} */ (event.submitter) ?? {};
    if (form.id === "chosen") {
      event.preventDefault();
      const selected = this.#list.selected();
      if (selected.length) this.#decide(selected, value);
    } else if (form.parentElement?.matches(".deciding")) {
      event.preventDefault();
      const entry = this.#list.of(form);
      if (entry) this.#decide([entry], value);
    } else if (form.matches(".noting")) {
      event.preventDefault();
      const entry = this.#list.of(form);
      if (entry) this.#note(entry, form);
    } else if (form.matches(".more-of form, .answered form")) {
      event.preventDefault();
      this.#send(form, event.submitter);
    }
  }

  /** Add what is typed as a note; it stays where it is typed until it is kept. @param {Entry} entry @param {HTMLFormElement} form */
  async #note(entry, form) {
    const field = /** @type {HTMLTextAreaElement} */ (within(form, "textarea"));
    const button = /** @type {HTMLButtonElement} */ (within(form, "button"));
    const text = field.value;
    if (button.disabled || !text.trim()) return;
    button.disabled = true; // pressed twice, it is one note
    try {
      await this.#api.request(`/api/v1/moderation/comments/${entry.id}/notes`, { text });
      if (field.value === text) field.value = "";
      this.#announce(this.#words.say("saved"));
      this.#list.get(entry.id)?.showNotes(await this.#fetchComment(entry.id));
    } catch (error) {
      this.#showFailed(entry, error);
    } finally {
      button.disabled = false;
    }
  }

  /**
   * Send a form behind, and show what its page says of it: this one stays as it is, with the place in its list.
   * @param {HTMLFormElement} form @param {HTMLElement | null} submitter
   */
  async #send(form, submitter) {
    const entry = this.#list.of(form);
    const isUndo = form.closest(".answered") !== null;
    const sent = new URLSearchParams(/** @type {any} */ (new FormData(form, submitter))); // it has no files
    sent.set("csrf_token", this.#api.token);
    form.inert = true; // pressed twice, it is sent once
    try {
      // Where its buttons are called “action”, `form.action` is these.
      const page = await fetchPage(form.getAttribute("action") ?? "", sent);
      within(this.#main, ".answered").replaceChildren(...page.querySelectorAll("main .status"));
      await this.#look();
      if (isUndo) await this.#showUndoneElsewhere();
    } catch (error) {
      this.#showFailed(entry, error);
    } finally {
      form.inert = false;
    }
  }

  /** Those that are decided by other means than one by one here, as they are after an undo. */
  async #showUndoneElsewhere() {
    for (const entry of this.#list.all().filter(({ element }) => element.dataset.decided === "elsewhere")) {
      const article = (await this.#fetchComment(entry.id)).querySelector("article.queued");
      if (article instanceof HTMLElement && article.dataset.state !== entry.state)
        this.#list.replace(entry, article);
    }
    this.#showSelection();
  }

  /** What a form of an entry asked for was not done: it can be pressed again. @param {Entry | undefined} entry @param {unknown} error */
  #showFailed(entry, error) {
    const failure = this.#failureOf(error);
    if (!failure) return;
    const why = failure.message || this.#words.say("noConnection");
    if (entry) this.#list.get(entry.id)?.tell(why);
    this.#announce(why);
  }

  /** What failed; undefined where nobody is signed in, which is shown. @param {unknown} error */
  #failureOf(error) {
    if (error instanceof ApiError) return error;
    if (!(error instanceof SignedOut)) throw error;
    this.#showStanding("signed-out", this.#waiting.all().length);
    return undefined;
  }

  /** @param {string} id */
  #fetchComment(id) {
    return fetchPage(`${this.#main.dataset.root}/moderation/comments/${id}`);
  }

  /** @param {EventTarget | null} target */
  #click(target) {
    if (!(target instanceof Element)) return;
    const entry = this.#list.of(target);
    if (target.matches(".undo") && entry?.decision) this.#undo(entry.decision, [entry.id]);
    else if (target.matches(".show-keys")) this.#dialog.showModal();
    else if (target.matches(".show-refused")) this.#showThere(target);
  }

  /** @param {EventTarget | null} target */
  #chose(target) {
    if (!(target instanceof HTMLInputElement) || target.name !== "seen") return;
    this.#list.selectedBy(this.#list.of(target));
    this.#tellSelection();
  }

  /** About those that are selected, else about the current one. @param {string} action */
  #decideHere(action) {
    const selected = this.#list.selected();
    const { current } = this.#list;
    if (selected.length) this.#decide(selected, action);
    else if (current && !current.isDecided) this.#decide([current], action);
    else if (current) this.#announce(this.#words.say("isDecided"));
  }

  /** @param {Entry[]} entries @param {string} action */
  #decide(entries, action) {
    const decisions = decisionsOf(entries, action);
    for (const decision of decisions) this.#waiting.add(decision, null);
    this.#show(decisions);
    if (entries.length === 1) this.#list.focus(entries[0]);
    this.#list.moveOn();
    this.#showSelection();
    const left = this.#list.undecided().length;
    const done = this.#words.say(entries.length > 1 ? "didMany" : "didOne", {
      done: this.#words.of("done", action),
      number: this.#words.number(entries.length),
    });
    this.#announce(`${done} ${this.#words.many("left", left)}`);
    this.#sender.wake();
    this.#fetchMore();
  }

  /** What the last press that is not undone decided, for all comments that still stand so. */
  #undoLast() {
    for (let made = this.#made.pop(); made; made = this.#made.pop()) {
      const standing = made.filter((decision) => this.#decidedBy(decision).length).reverse(); // it ends at the first
      for (const decision of standing) this.#undo(decision, this.#decidedBy(decision));
      if (standing.length) return;
    }
    this.#announce(this.#words.say("nothingToUndo"));
  }

  /** @param {Decision} decision */
  #decidedBy(decision) {
    return decision.ids.map(({ id }) => id).filter((id) => this.#list.get(id)?.decision === decision);
  }

  /** @param {Decision} decision @param {string[]} ids the comments for which it is undone */
  #undo(decision, ids) {
    this.#waiting.add(decision, ids);
    this.#showUndo(decision, ids);
    this.#list.focus(this.#list.get(ids[0]));
    this.#announce(this.#words.say("undone"));
    this.#sender.wake();
  }

  /** In a tab of its own: the place in the list stays. @param {string} what */
  #open(what) {
    const link = this.#list.current?.element.querySelector(`a.${what}`);
    if (link instanceof HTMLAnchorElement) window.open(link.href, "_blank", "noopener");
    else this.#announce(this.#words.say("notPublic"));
  }

  /** What waits is sent first, as it is this person's. @param {Event} event */
  async #signOut(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    event.preventDefault();
    await this.#sender.wake();
    if (this.#waiting.all().length && !confirm(this.#words.say("lostAtSignOut"))) return;
    this.#waiting.clear();
    form.submit();
  }

  // What became of it

  /** @param {Decision[]} decisions */
  #show(decisions) {
    this.#made.push(decisions);
    for (const decision of decisions)
      for (const { id } of decision.ids) this.#list.get(id)?.showDecided(decision);
  }

  /** @param {Decision} decision @param {string[]} undone */
  #showUndo({ ids }, undone) {
    for (const { id, state } of ids) if (undone.includes(id)) this.#list.get(id)?.showUndecided(state, "");
  }

  /** @param {Waiting} waiting @param {Outcome} outcome */
  #showOutcome({ decision }, { missing, conflicts = [] }) {
    for (const id of missing) this.#refuse(id, decision, () => this.#words.say("gone"));
    for (const { id, why, by_name } of conflicts)
      this.#refuse(id, decision, (state) => this.#reasonOf(why, by_name, state));
  }

  /** @param {Waiting} waiting @param {UndoOutcome} outcome */
  #showUndone({ decision, undo }, { refused }) {
    if (refused.length) this.#tellRefused(this.#words.say("notUndone"), undo?.[0] ?? decision.ids[0].id);
  }

  /** @param {Waiting} waiting @param {string} why */
  #showRefused({ decision }, why) {
    for (const { id } of decision.ids) this.#refuse(id, decision, () => why);
  }

  /**
   * A decision was not carried out: its comment comes back with the reason.
   * @param {string} id @param {Decision} decision @param {(state?: string) => string} why of the state that it is in now
   */
  async #refuse(id, decision, why) {
    const seen = decision.ids.find((one) => one.id === id);
    this.#list.get(id)?.showUndecided(seen?.state ?? "pending", why());
    const state = await this.#renew(id, why);
    this.#tellRefused(
      `${this.#words.say("notCarriedOut", { done: this.#words.of("done", decision.action) })} ${why(state)}`,
      id,
    );
  }

  /**
   * Show a comment as it is now; give its state, where there is one.
   * @param {string} id @param {(state?: string) => string} why it is shown again @returns {Promise<string | undefined>}
   */
  async #renew(id, why) {
    try {
      const page = await this.#fetchComment(id);
      const article = /** @type {HTMLElement | null} */ (page.querySelector("article.queued"));
      const entry = this.#list.get(id);
      const { state = "" } = article?.dataset ?? {};
      if (article && entry) {
        const isDecided = entry.isDecided; // by somebody else
        const fresh = this.#list.replace(entry, article);
        if (isDecided) fresh.showElsewhereDecided(state, why(state));
        else fresh.tell(why(state));
      }
      return state;
    } catch (error) {
      if (this.#failureOf(error)?.status === 404) this.#list.get(id)?.showGone(this.#words.say("gone"));
      return undefined;
    } finally {
      this.#showSelection();
    }
  }

  /** @param {string} text @param {string} id */
  #tellRefused(text, id) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "show-refused";
    button.dataset.id = id;
    button.textContent = this.#words.say("show");
    item.append(`${text} `, button);
    within(this.#main, ".refused-list").append(item);
    this.#announce(text);
  }

  /** @param {Element} button beside a decision that was not carried out */
  #showThere(button) {
    const id = /** @type {HTMLElement} */ (button).dataset.id ?? "";
    const entry = this.#list.get(id);
    button.closest("li")?.remove();
    if (entry) this.#list.focus(entry);
    else location.assign(`${this.#main.dataset.root}/moderation/comments/${id}`); // of another page, or another visit
  }

  /**
   * How it stands with what waits. What is said already is not said again, as one would hear it at each look.
   * @param {Standing} standing @param {number} many decisions that wait @param {string} [why]
   */
  #showStanding(standing, many, why) {
    if (standing === "sending") return;
    const isSignedOut = standing === "signed-out";
    const waits = many ? ` ${this.#words.many("waiting", many)}` : "";
    const what = this.#words.say(isSignedOut ? "sessionEnded" : "noConnection");
    const text = standing === "sent" ? "" : `${why || what}${waits}`;
    const sending = within(this.#main, ".sending");
    if (sending.textContent !== text) sending.textContent = text;
    const link = within(this.#main, ".sign-in-again");
    if (!isSignedOut && link === document.activeElement) this.#list.focus(this.#list.current);
    link.hidden = !isSignedOut;
  }

  /** Why a comment is not to be decided about. @param {string} why @param {string | null} [by] @param {string | null} [state] */
  #reasonOf(why, by, state) {
    if (why === "edited-meanwhile") return this.#words.say("edited");
    const key = state ?? "";
    return by ? this.#words.of("alreadyBy", key, { name: by }) : this.#words.of("already", key);
  }

  /** What is selected, which others may make less of: what they decide about or edit is so no longer. */
  #showSelection() {
    const form = this.#main.querySelector("#chosen");
    if (!(form instanceof HTMLElement)) return;
    const many = this.#list.selected().length;
    if (!many && form.contains(document.activeElement)) this.#list.focus(this.#list.current);
    form.hidden = !many;
    within(form, ".many").textContent = this.#words.many("selected", many);
  }

  /** The same to whom selects. */
  #tellSelection() {
    this.#showSelection();
    const many = this.#list.selected().length;
    this.#announce(many ? this.#words.many("selectedSaid", many) : "");
  }

  /** @param {string} text */
  #announce(text) {
    if (text) within(this.#main, ".announced").textContent = text;
  }

  // What others do

  async #look() {
    if (document.hidden) return;
    const seen = this.#list
      .undecided()
      .slice(0, MOST_SEEN)
      .map((entry) => Object.values(entry.seen()).join("."));
    try {
      this.#showNews(await requestNews(this.#api, seen.join(",")));
    } catch (error) {
      this.#failureOf(error);
    }
    this.#fetchMore();
  }

  /** @param {News} news */
  #showNews({ person, csrf_token, counts, changes }) {
    if (person !== this.#main.dataset.person) return location.reload(); // somebody else signed in here
    this.#api.renew(csrf_token);
    this.#isMore = counts[this.#main.dataset.refill ?? ""] > 0;
    // There is a connection, and a session.
    if (this.#waiting.all().length) this.#sender.wake();
    else this.#showStanding("sent", 0);
    const places = /** @type {NodeListOf<HTMLElement>} */ (this.#main.querySelectorAll(".count"));
    for (const place of places)
      place.textContent = this.#words.number(counts[place.dataset.state ?? ""] ?? 0);
    for (const change of changes) this.#showChange(change);
    this.#showSelection();
  }

  /** @param {Change} change */
  #showChange({ id, why, by_name, state }) {
    const entry = this.#list.get(id);
    if (!entry || entry.isDecided) return; // it was decided here since we asked
    if (why === "missing") return entry.showGone(this.#words.say("erased"));
    if (why === "edited-meanwhile") return void this.#renew(id, () => this.#reasonOf(why));
    entry.showElsewhereDecided(state ?? "", this.#reasonOf(why, by_name, state));
    this.#announce(
      this.#words.say("about", { name: entry.author, why: this.#reasonOf(why, by_name, state) }),
    );
    this.#renew(id, (now) => this.#reasonOf(why, by_name, now));
  }

  /** The next page, before it is needed. */
  async #fetchMore() {
    const left = this.#list.undecided().length;
    const next = /** @type {HTMLAnchorElement | null} */ (this.#main.querySelector("a[rel=next]"));
    const url = next?.href ?? (left || !this.#isMore ? undefined : location.href);
    if (this.#isFetching || !url || left > AHEAD) return;
    this.#isFetching = true;
    try {
      const page = await fetchPage(url);
      this.#list.append(page);
      const following = /** @type {HTMLAnchorElement | null} */ (page.querySelector("a[rel=next]"));
      if (next && following) next.href = following.href;
      else next?.closest("p")?.remove();
      if (this.#list.undecided().length) this.#main.querySelector(".empty")?.remove();
    } catch (error) {
      this.#failureOf(error); // it is fetched at the next look
    } finally {
      this.#isFetching = false;
    }
  }
}

/** Whether a key ends the choice of a reason, so that the next one decides. @param {KeyboardEvent} event */
function endsReason({ key, target }) {
  return /^(enter|escape)$/i.test(key) && target instanceof HTMLSelectElement && target.matches(".reason");
}

/** Each with the reason that is chosen in its comments. @param {Entry[]} entries @param {string} action */
function decisionsOf(entries, action) {
  /** @type {Decision[]} */
  const decisions = [];
  for (const reason of new Set(entries.map((entry) => entry.reasonFor(action)))) {
    const seen = entries.filter((entry) => entry.reasonFor(action) === reason).map((entry) => entry.seen());
    for (let start = 0; start < seen.length; start += MOST_AT_ONCE) {
      const ids = seen.slice(start, start + MOST_AT_ONCE);
      decisions.push({ action, ids, decision_id: newId(), ...(reason && { reason }) });
    }
  }
  return decisions;
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
