// Sends the decisions that wait, in their order, each until it is answered. What is sent twice is carried out once,
// as each has an id of its own.

/** @import { Outcome, UndoOutcome, Waiting } from "./types.js" */
/** @import { Api } from "./api.js" */
/** @import { WaitingDecisions } from "./saved.js" */

import { ApiError, requestNews, SignedOut } from "./api.js";

const FIRST_PAUSE = 1000; // ms, doubled with each failure
const LONGEST_PAUSE = 30_000;

/** How it stands: all is sent, it is being sent, no answer comes, or nobody is signed in. @typedef {"sent" | "sending" | "lost" | "signed-out"} Standing */

/**
 * @typedef {object} Listener
 * @property {(waiting: Waiting, outcome: Outcome) => void} decided
 * @property {(waiting: Waiting, outcome: UndoOutcome) => void} undone
 * @property {(waiting: Waiting, why: string) => void} refused
 * @property {(standing: Standing, many: number, why: string) => void} stands
 */

export class Sender {
  #api;
  #waiting;
  #listener;
  #pause = 0;
  #timer = 0;
  /** What is being sent; it ends with no more that can be sent now. @type {Promise<void> | undefined} */
  #sending;
  #isAskedAgain = false;

  /** @param {Api} api @param {WaitingDecisions} waiting @param {Listener} listener */
  constructor(api, waiting, listener) {
    this.#api = api;
    this.#waiting = waiting;
    this.#listener = listener;
  }

  /** Send what waits, now, until it is sent or cannot be. */
  wake() {
    this.#isAskedAgain = true;
    this.#sending ??= this.#sendWhileAsked();
    return this.#sending;
  }

  async #sendWhileAsked() {
    clearTimeout(this.#timer);
    try {
      while (this.#isAskedAgain) {
        this.#isAskedAgain = false;
        await this.#alone(() => this.#sendAll());
      }
    } finally {
      this.#sending = undefined;
    }
  }

  /** One tab sends at a time, where the browser can tell. @param {() => Promise<void>} send */
  async #alone(send) {
    if (navigator.locks) await navigator.locks.request("commentsvc desk", send);
    else await send();
  }

  async #sendAll() {
    for (let [first] = this.#waiting.all(); first; [first] = this.#waiting.all()) {
      this.#tell("sending");
      try {
        await this.#send(first);
      } catch (error) {
        if (error instanceof SignedOut) return this.#tell("signed-out");
        if (!(error instanceof ApiError)) throw error;
        if (error.isPassing) return this.#wait(error);
        this.#waiting.remove(first.key);
        this.#listener.refused(first, error.message);
      }
      this.#pause = 0;
    }
    this.#tell("sent");
  }

  /** @param {Waiting} waiting */
  async #send(waiting) {
    // Before an undo it is sent once more: the answer is that of before, with the ids of what it decided.
    const outcome = await this.#post("decisions", waiting.decision);
    const { undo } = waiting;
    if (!undo) {
      this.#waiting.remove(waiting.key);
      return this.#listener.decided(waiting, outcome);
    }
    const decisions = outcome.decided
      .filter((/** @type {{ id: string }} */ { id }) => undo.includes(id))
      .flatMap((/** @type {{ decision: string | null }} */ { decision }) => decision ?? []);
    const none = { undone: [], refused: [] };
    const undone = decisions.length ? await this.#post("decisions/undo", { decisions }) : none;
    this.#waiting.remove(waiting.key);
    this.#listener.undone(waiting, undone);
  }

  /** @param {string} path @param {object} body */
  async #post(path, body) {
    const url = `/api/v1/moderation/${path}`;
    try {
      return await this.#api.request(url, body);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
      // The session has ended, or began again in another tab: the token of this page is of the one before.
      const { person, csrf_token } = await requestNews(this.#api);
      if (person !== this.#waiting.person) throw new SignedOut();
      this.#api.renew(csrf_token);
      return this.#api.request(url, body);
    }
  }

  /** @param {ApiError} error */
  #wait({ message, retryAfter }) {
    this.#tell("lost", message);
    this.#pause = Math.min(this.#pause * 2 || FIRST_PAUSE, LONGEST_PAUSE);
    this.#timer = setTimeout(() => this.wake(), Math.max(this.#pause, retryAfter * 1000));
  }

  /** @param {Standing} standing @param {string} [why] in the service's words */
  #tell(standing, why = "") {
    this.#listener.stands(standing, this.#waiting.all().length, why);
  }
}
