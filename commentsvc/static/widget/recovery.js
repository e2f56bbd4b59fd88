// What went wrong is said where the person looks; what was typed stays.

import { ApiError } from "./api.js";

/** @import { CommentForm } from "./form.js" */
/** @import { WidgetApi } from "./types.js" */

/** @param {unknown} error @param {WidgetApi} widget @param {CommentForm} form */
export function recover(error, widget, form) {
  const isAnswer = error instanceof ApiError;
  if (!isAnswer) reportError(error); // a fault of this script or of the page: developers are told, and so is the person
  const { status, type, message, errors } = isAnswer ? error : new ApiError(500);
  const { lost, failed } = form.find(".whole").dataset;
  // The words of a service that is broken, or of a proxy before it, are of no use to the person.
  const [fields, text] = status < 500 ? [errors, status ? message || failed : lost] : [{}, failed];
  form.showErrors(fields, text);
  if (type === "origin") widget.report(message, widget.element);
  widget.emit(widget.element, "error", { status, type });
}
