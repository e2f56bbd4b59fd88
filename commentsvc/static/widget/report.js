// Tells the publisher what is wrong with the page.

const DEVELOPMENT = /\blocalhost$|^127\.|^\[::1]/; // hosts of pages that nobody else sees yet

/** In the console, and on the page while it is being built. @param {string} problem @param {HTMLElement} element */
export function report(problem, element) {
  console.error(`<comment-thread>: ${problem}`, element);
  if (!DEVELOPMENT.test(location.hostname)) return;
  const line = document.createElement("samp");
  line.textContent = `For the publisher: ${problem}`;
  element.shadowRoot?.append(line);
}
