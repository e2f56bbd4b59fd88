// Brings the comments that are shown up to date, without harm to what somebody reads or writes.

/** @import { Page, WidgetApi } from "./types.js" */

const PARTS = ".author, .badge, .text, .remark, .removed > p"; // of a comment, which change with it

/**
 * Show what is new, changed or gone, as far as it belongs to what is shown.
 * @param {WidgetApi} widget @param {Page} page the thread as it is now, from its beginning
 * @returns {Promise<number>} how many comments are new
 */
export async function merge(widget, page) {
  const { root } = widget;
  const section = /** @type {HTMLElement} */ (root.querySelector(".comments"));
  const list = section.querySelector(".thread");
  const fresh = /** @type {HTMLElement[]} */ (page.comments);
  const { open, count, next } = page.section.dataset;
  const shown = /** @type {HTMLElement[]} */ ([...(list?.children ?? [])]);
  if (!list || !fresh.length || section.dataset.open !== open) {
    await widget.showPage(page);
    return Math.max(0, fresh.length - shown.length);
  }
  const ids = new Set(fresh.map(idOf));
  const common = shown.filter((item) => ids.has(idOf(item)));
  if (!common.length) return 0; // it is a later page that is shown
  const anchor = common.find((item) => item.getBoundingClientRect().bottom > 0);
  const top = anchor?.getBoundingClientRect().top ?? 0;
  const at = (/** @type {HTMLElement} */ item) => fresh.findIndex((one) => idOf(one) === idOf(item));
  const last = /** @type {HTMLElement} */ (common.at(-1));
  // What stands on other pages is not new.
  const from = section.querySelector(".more .first") ? at(common[0]) : 0;
  const to = section.querySelector(".next") ? at(last) : fresh.length;
  let [added, gone] = [0, 0];

  for (const item of shown.slice(0, next ? shown.indexOf(last) : undefined))
    if (!ids.has(idOf(item)) && !isOwnWork(item)) gone += remove(item);
  /** @type {HTMLElement | undefined} */ let above;
  for (const [index, item] of fresh.entries()) {
    const here = root.getElementById(`comment-${idOf(item)}`)?.closest("li");
    if (here) gone += change(widget, here, item);
    else if (index < from || index > to) continue;
    else added += Number(hasText(item));
    above = here ?? insert(widget, list, above, item);
  }

  const rest = Math.max(0, Number(count) - Number(section.dataset.count) + gone - added);
  section.dataset.count = `${Number(count) - rest}`;
  section
    .querySelector(".heading")
    ?.replaceWith(/** @type {Element} */ (page.section.querySelector(".heading")));
  if (anchor?.isConnected && !CSS.supports("overflow-anchor: auto"))
    scrollBy(0, anchor.getBoundingClientRect().top - top);
  await widget.markOwn();
  return added;
}

/** @param {HTMLElement} item */
function idOf(item) {
  return /** @type {HTMLElement} */ (item.querySelector(".comment")).dataset.id;
}

/** @param {HTMLElement} item */
function hasText(item) {
  return Boolean(item.querySelector(".text"));
}

/** Whether somebody is at work on it: it waits for a moderator, is being edited or answered, or its deletion can be undone. @param {HTMLElement} item */
function isOwnWork(item) {
  return "held" in item.dataset || item.querySelector("form, .deleted");
}

/** @param {HTMLElement} item @returns {number} of comments that are gone */
function remove(item) {
  if (item.matches(":focus-within"))
    focus(/** @type {HTMLElement} */ (item.nextElementSibling ?? item.previousElementSibling));
  item.remove();
  return Number(hasText(item));
}

/** @param {WidgetApi} widget @param {HTMLElement} item @param {HTMLElement} fresh @returns {number} of comments that are gone; -1: one is back */
function change(widget, item, fresh) {
  const gone = Number(hasText(item)) - Number(hasText(fresh));
  const article = /** @type {HTMLElement} */ (item.querySelector(".comment"));
  const isFolded = item.querySelector(".fold")?.ariaExpanded === "false";
  const isAtWork = article.hidden || item.querySelector(".deleted");
  if (!isAtWork && ("held" in item.dataset || !isSame(item, fresh))) {
    const hasFocus = item.matches(":focus-within") && !item.querySelector("form:focus-within");
    article.replaceWith(document.importNode(/** @type {Element} */ (fresh.querySelector(".comment")), true));
    delete item.dataset.held; // it is public by now
    widget.localise(item);
    if (isFolded) swapLabels(item);
    if (hasFocus) focus(item);
  }
  return gone;
}

/** Whether two would be seen to be the same. @param {HTMLElement} one @param {HTMLElement} other */
function isSame(one, other) {
  const [some, others] = [one, other].map((item) => [...item.querySelectorAll(PARTS)]);
  return (
    foldLabels(one) === foldLabels(other) &&
    some.length === others.length &&
    some.every((part, index) => part.isEqualNode(others[index]))
  );
}

/** @param {HTMLElement} item */
function foldLabels(item) {
  const fold = /** @type {HTMLElement | null} */ (item.querySelector(".fold"));
  return fold && [fold.textContent, fold.dataset.other].sort().join();
}

/** @param {HTMLElement} item */
function swapLabels(item) {
  const fold = /** @type {HTMLElement | null} */ (item.querySelector(".fold"));
  if (!fold) return;
  fold.ariaExpanded = "false";
  [fold.textContent, fold.dataset.other] = [fold.dataset.other ?? "", fold.textContent ?? ""];
}

/** Below another one, or first; hidden where what it answers is folded. @param {WidgetApi} widget @param {Element} list @param {HTMLElement | undefined} above @param {HTMLElement} fresh */
function insert(widget, list, above, fresh) {
  const item = document.importNode(fresh, true);
  if (above) above.after(item);
  else list.prepend(item);
  const parent = widget.root.getElementById(`comment-${item.dataset.parent}`)?.closest("li");
  item.hidden = parent?.hidden || parent?.querySelector(".fold")?.ariaExpanded === "false";
  widget.localise(item);
  return item;
}

/** @param {HTMLElement | null} item */
function focus(item) {
  /** @type {HTMLElement | null | undefined} */ (item?.querySelector(".comment"))?.focus({
    preventScroll: true,
  });
}
