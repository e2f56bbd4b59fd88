// What the widget says where no thread came, not even its language. The widget loads it then.

const WORDS = "/* words */".split("|"); // the service puts these here: a language, that nothing came, to try again; the next language

export default class Words {
  /** Say it in the language that comes nearest. @param {HTMLElement} message in English, before its button @param {string} tag */
  translate(message, tag) {
    const { language, script } = new Intl.Locale(tag).maximize();
    const at = [`${language}-${script}`, `${language}`].map((name) => WORDS.indexOf(name)).find((found) => found >= 0);
    if (at === undefined) return;
    const [text, , button] = message.childNodes;
    [message.lang, text.textContent, button.textContent] = WORDS.slice(at);
  }
}
