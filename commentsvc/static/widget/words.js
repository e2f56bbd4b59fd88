// What the widget says where no thread came, not even its language. The widget loads it then.

const WORDS = "/* words */".split("|"); // the service puts these here: a language, that nothing came, to try again; the next language

export default class Words {
  /** The language that comes nearest, and what is said in it: that nothing came, and to try again. @param {string} [tag] */
  of(tag = "en") {
    const { language, script } = new Intl.Locale(tag).maximize();
    const at = [`${language}-${script}`, `${language}`, "en"]
      .map((name) => WORDS.indexOf(name))
      .find((found) => found >= 0);
    return WORDS.slice(at);
  }
}
