// Posts a comment exactly once: with a form token, which makes one comment however often it is sent.

import { ApiError, requestJson, threadOf, uncached } from "./api.js";

/** @import { Draft } from "./draft.js" */
/** @import { WidgetApi } from "./types.js" */
/** @typedef {{ token: string, from: number, wait: number }} Token not to be sent before `from`, on the clock of performance.now(); `wait` in ms */
/** @typedef {{ status: number, comment?: { id: string, posted_at: string }, edit_key: string, edit_until: string, author_key: string, state?: string }} PostedAnswer without a comment: it was created, and nothing else could be read */

export class Sender {
  /** @type {WidgetApi} */ #widget;
  /** @type {Draft} */ #draft;
  /** @type {Promise<Token> | undefined} */ #token;

  /** @param {WidgetApi} widget @param {Draft} draft */
  constructor(widget, draft) {
    this.#widget = widget;
    this.#draft = draft;
  }

  /** A token that was sent without an answer may have made a comment, and makes no second one. @param {string} token */
  reuse(token) {
    this.#token = Promise.resolve({ token, from: 0, wait: 2000 });
  }

  /** Get a token, unless there is one. @returns {Promise<Token>} */
  prepare() {
    return (this.#token ??= this.#requestToken().catch((error) => {
      this.#token = undefined;
      throw error;
    }));
  }

  async #requestToken() {
    const query = new URLSearchParams({ ...threadOf(this.#widget), ...uncached() });
    const answer = await requestJson(this.#widget, `api/v1/form?${query}`);
    if (!answer.token) throw new ApiError(0); // a proxy's own answer
    const wait = answer.min_seconds * 1000;
    return { token: answer.token, from: performance.now() + wait, wait };
  }

  /** @param {object} fields @returns {Promise<PostedAnswer>} rejected with an ApiError */
  async post(fields) {
    for (let tries = 1; ; tries++) {
      const token = await this.prepare();
      await new Promise((resolve) => setTimeout(resolve, token.from - performance.now()));
      this.#draft.saveToken(token.token);
      try {
        const answer = await this.#create({ ...threadOf(this.#widget), ...fields, token: token.token });
        this.#token = undefined;
        return answer;
      } catch (error) {
        const { type, errors } = /** @type {ApiError} */ (error);
        const isUnusable = type === "token-expired" || (type === "invalid" && errors.token);
        if (isUnusable || type === "token-spent") {
          this.#token = undefined;
          this.#draft.saveToken();
        }
        if (type === "too-fast") token.from = performance.now() + token.wait;
        else if (!isUnusable) throw error;
        if (tries === 4) throw error; // a token may be too young, then too old
      }
    }
  }

  /** The status is believed: what was created must not be created again, even if nobody can read the answer. @param {object} body @returns {Promise<PostedAnswer>} */
  async #create(body) {
    const request = () => requestJson(this.#widget, "api/v1/comments", { body });
    const answer = await request();
    if (answer.comment) return answer;
    if (answer.status === 200) throw new ApiError(0); // a proxy's own answer
    const again = await request().catch(() => answer); // by the same token the same answer, and no second comment
    return again.comment ? again : answer;
  }
}
