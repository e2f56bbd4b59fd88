// Asks the browser for a passkey, and sends it by the form that it belongs to; such forms are hidden until this runs.

/** @type {NodeListOf<HTMLFormElement>} */
const forms = document.querySelectorAll("form[data-passkey]");
// Older browsers cannot read options without a library, and insecure pages have no passkeys at all.
const canRead = "parseRequestOptionsFromJSON" in Object(window.PublicKeyCredential);

/**
 * Has a passkey made, or used, as the form's options say.
 * @param {HTMLFormElement} form
 */
async function ask({ dataset: { passkey, options = "" } }) {
  const sent = JSON.parse(options);
  const credential =
    passkey === "create"
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(sent),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(sent),
        });
  return JSON.stringify(/** @type {PublicKeyCredential} */ (credential).toJSON());
}

for (const form of forms) {
  const failed = /** @type {HTMLElement} */ (form.querySelector("[data-failed]"));
  form.hidden = !canRead;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
    try {
      field.value = await ask(form);
    } catch {
      failed.hidden = false; // cancelled, timed out, or none that fits: browsers do not tell which
      return;
    }
    form.submit();
  });
}

const without = /** @type {HTMLElement | null} */ (document.querySelector("[data-no-passkeys]"));
if (without) without.hidden = canRead;
