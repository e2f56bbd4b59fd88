// One's own comments: shown, with buttons as long as they may be edited, deleted and restored; later, with the reasons
// why they are not public.

import { requestHtml, requestJson, uncached } from "./api.js";
import { recover } from "./recovery.js";
import { readSaved, save } from "./saved.js";

/** @import { CommentForm } from "./form.js" */
/** @import { WidgetApi } from "./types.js" */
/** @typedef {{ key: string, until: number, text: string, subject: string }} OwnComment it may be edited `until` then, on the clock of this browser */

const KEPT = 16e9; // ms, half a year: edit keys open the reasons why a comment is not public

export class OwnComments {
  /** @type {WidgetApi} */ #widget;
  /** @type {CommentForm} */ #form;
  /** @type {Map<string, AbortController>} */ #deletions = new Map(); // that can be undone, each with what ends the wait

  /** @param {WidgetApi} widget @param {CommentForm} form */
  constructor(widget, form) {
    this.#widget = widget;
    this.#form = form;
  }

  // What is saved

  /** @returns {Record<string, OwnComment>} by id */
  get #all() {
    return readSaved(this.#widget, "edits");
  }

  /** @param {string} id */
  get(id) {
    return this.#all[id];
  }

  /** @param {string} id @param {OwnComment} own */
  save(id, own) {
    save(this.#widget, "edits", { ...this.#all, [id]: own });
  }

  /** @param {string} id */
  #forget(id) {
    const all = this.#all;
    delete all[id];
    save(this.#widget, "edits", Object.keys(all)[0] ? all : null);
  }

  // What is shown

  /** The thread was shown, perhaps again. */
  update() {
    for (const id of this.#deletions.keys()) this.#hide(id);
    for (const [id, own] of Object.entries(this.#all)) {
      if (own.until < Date.now() - KEPT) this.#forget(id);
      else if (own.subject === this.#widget.subject) {
        // It is held, removed, on a later page, or a cache has a page without it.
        if (!this.#find(id)?.querySelector(".text")) this.show(id).catch(() => {});
        this.#addButtons(id);
      }
    }
  }

  /** Show one where it belongs, as the service renders it for its author. @param {string} id */
  async show(id) {
    const widget = this.#widget;
    const query = new URLSearchParams({ comment: id, ...uncached() });
    const body = await requestHtml(widget, `thread/own?${query}`, this.get(id));
    if (!widget.isCurrent()) return; // another article is shown by now
    const list = /** @type {HTMLElement} */ (document.importNode(body, true).querySelector(".thread"));
    const item = /** @type {HTMLElement} */ (list.firstElementChild);
    const { depth, parent } = item.dataset;
    const thread = widget.root.querySelector(".thread");
    const earlier = this.#find(id)?.closest("li");
    if (earlier?.contains(this.#form.element) || this.#deletions.has(id)) return; // it came before, and somebody is at work on it
    const above = parent && this.#find(parent)?.closest("li");
    widget.localise(list);
    if (earlier) earlier.replaceWith(item);
    else if (!thread) widget.root.querySelector(".empty")?.replaceWith(list);
    else if (above) lastBelow(above, Number(depth)).after(item);
    else if (widget.root.querySelector('.comments[data-order="newest"]')) thread.prepend(item);
    else thread.append(item);
    this.#addButtons(id);
    this.#form.place(); // it may be the one that is edited or answered
  }

  /** To edit and delete it. @param {string} id */
  #addButtons(id) {
    const actions = this.#find(id)?.querySelector(".actions");
    const buttons = /** @type {HTMLTemplateElement | null} */ (
      this.#widget.root.querySelector("template.own")
    );
    if (actions && buttons && this.get(id).until > Date.now() && !actions.querySelector(".edit"))
      actions.append(document.importNode(buttons.content, true));
  }

  // Deleting

  /** It is hidden at once, and deleted when the time to undo it is over. @param {string} id */
  delete(id) {
    const deletion = new AbortController();
    const { signal } = deletion;
    const deleteNow = () => signal.aborted || this.#deleteNow(id);
    setTimeout(deleteNow, 10_000); // ms in which it can be undone
    this.#widget.signal().addEventListener("abort", deleteNow, { signal });
    addEventListener("pagehide", deleteNow, { signal });
    this.#deletions.set(id, deletion);
    this.#hide(id);
    this.#line(id)?.querySelector("button")?.focus();
  }

  /** A line stands for it, unless it is on another page. @param {string} id */
  #hide(id) {
    const comment = this.#find(id);
    if (!comment || comment.hidden) return;
    const line = /** @type {HTMLTemplateElement} */ (this.#widget.root.querySelector("template.deleted"));
    comment.before(document.importNode(line.content, true));
    comment.hidden = true;
  }

  /** @param {string} id @param {boolean} [refocus] the focus returns to the button that was pressed */
  undoDelete(id, refocus = true) {
    const comment = this.#find(id);
    if (refocus && this.#deletions.get(id)?.signal.aborted) return; // it is on its way
    this.#endDeletion(id);
    this.#line(id)?.remove();
    if (comment) comment.hidden = false;
    if (refocus)
      /** @type {HTMLElement | null | undefined} */ (
        comment?.querySelector('[data-write="delete"]')
      )?.focus();
  }

  /** It is undone or done. @param {string} id */
  #endDeletion(id) {
    this.#deletions.get(id)?.abort();
    this.#deletions.delete(id);
  }

  /** @param {string} id */
  async #deleteNow(id) {
    this.#deletions.get(id)?.abort(); // it stays hidden, whatever is shown until the answer comes
    const widget = this.#widget;
    try {
      await requestJson(widget, `api/v1/comments/${id}`, {
        method: "DELETE",
        key: this.get(id).key,
        keepalive: true,
      });
    } catch (error) {
      if (!widget.isCurrent()) return; // the next visit shows it
      this.undoDelete(id, false);
      return recover(error, widget, this.#form);
    }
    this.#endDeletion(id);
    this.#forget(id);
    if (widget.isCurrent()) this.#leaveLine(id);
  }

  /** Of what is deleted its line stays, as a comment without a text: nothing moves while somebody reads. @param {string} id */
  #leaveLine(id) {
    const comment = this.#find(id);
    const line = this.#line(id);
    if (!comment || !line) return;
    const item = /** @type {HTMLElement} */ (comment.parentElement);
    if (!("held" in item.dataset)) addToCount(this.#widget, -1);
    delete item.dataset.held;
    const hadFocus = line.matches(":focus-within");
    comment.replaceChildren(line.firstChild ?? "", comment.querySelector(".fold") ?? "");
    comment.className = "comment removed";
    comment.hidden = false;
    line.remove();
    if (hadFocus) comment.focus({ preventScroll: true });
  }

  /** That says that it is deleted. @param {string} id */
  #line(id) {
    return this.#find(id)?.parentElement?.querySelector(".deleted");
  }

  /** @param {string} id */
  #find(id) {
    return this.#widget.root.getElementById(`comment-${id}`);
  }
}

/** There are so many more public comments, or fewer. @param {WidgetApi} widget @param {number} added */
export function addToCount({ root }, added) {
  const section = /** @type {HTMLElement} */ (root.querySelector(".comments"));
  const shown = /** @type {HTMLElement} */ (root.querySelector(".count"));
  const count = Number(section.dataset.count) + added;
  section.dataset.count = shown.textContent = `${count}`;
  shown.hidden = !count;
}

/** Show the thread as it is now. @param {WidgetApi} widget */
export async function reload(widget) {
  await widget.showPage(await widget.fetchPage(widget.url(uncached())));
}

/** The last item below *item*, at that depth or deeper: replies are in the order of time. @param {HTMLElement} item @param {number} depth */
function lastBelow(item, depth) {
  for (;;) {
    const next = /** @type {HTMLElement | null} */ (item.nextElementSibling);
    if (!next || Number(next.dataset.depth) < depth) return item;
    item = next;
  }
}
