// Who the person is: as it was typed in this page, and, if the person wants it, saved for other visits.

import { readSaved, save } from "./saved.js";

/** @import { CommentForm } from "./form.js" */
/** @import { WidgetApi } from "./types.js" */
/** @typedef {{ name?: string, email?: string, url?: string, author_key?: string }} Person */

/** What was typed, by subject; it lives as long as the page. @type {Map<string, Person>} */
const typed = new Map();

/** @param {WidgetApi} widget @returns {Person} */
export function savedPerson(widget) {
  return readSaved(widget, "person");
}

/** Put it into the form. @param {WidgetApi} widget @param {CommentForm} form */
export function loadPerson(widget, { fields }) {
  const saved = savedPerson(widget);
  const person = { ...saved, ...typed.get(widget.subject) };
  for (const name of /** @type {const} */ (["name", "email", "url"]))
    fields[name].value ||= person[name] ?? "";
  if (saved.email) fields.remember.checked = true; // and never unticked: it may have been ticked by now
}

/** Keep it for this page alone. @param {WidgetApi} widget @param {CommentForm} form */
export function keepPerson(widget, { values: { name, email, url } }) {
  typed.set(widget.subject, { name, email, url, author_key: authorKey(widget) });
}

/** It outlives a tick taken away by mistake. @param {WidgetApi} widget */
function authorKey(widget) {
  return savedPerson(widget).author_key ?? typed.get(widget.subject)?.author_key;
}

/** @param {WidgetApi} widget */
export function forgetPerson({ subject }) {
  typed.delete(subject);
}

/** Save it, or nothing where the person does not want it. @param {WidgetApi} widget @param {CommentForm} form */
export function savePerson(widget, { values }, author_key = authorKey(widget)) {
  const { name, email, url, remember } = values;
  save(widget, "person", remember ? { name, email, url, author_key } : null);
}
