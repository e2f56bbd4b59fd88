// What the widget says where no thread came, and so no language of one. The widget loads it then.

const WORDS = "/* words */".split("|"); // the service puts these here: a language, that nothing came, to try again; the next language

export default class Words {
  /** The language that is nearest, and in it: that nothing could be loaded, and to try again. @param {string} [tag] */
  of(tag = "en") {
    const { language, script } = new Intl.Locale(tag).maximize();
    const index = [`${language}-${script}`, `${language}`, "en"]
      .map((name) => WORDS.indexOf(name))
      .find((index) => index >= 0);
    return WORDS.slice(index);
  }
}
