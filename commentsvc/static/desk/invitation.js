// Puts the key of an invitation, which stands behind the "#" and only a script can read, into the form.

const key = new URLSearchParams(location.hash.slice(1)).get("key");
const field = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name=key]"));
const row = /** @type {HTMLElement | null} */ (field?.closest(".field"));
if (key && field && row) {
  field.value = key;
  row.hidden = true;
  history.replaceState(null, "", location.pathname + location.search);
}
