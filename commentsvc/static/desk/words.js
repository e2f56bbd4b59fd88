// What the script says: the page hands the words over, in the moderator's language, and there are none in scripts.

/** @typedef {{ numbers: Record<string, Record<string, string>> } & Record<string, Record<string, string>>} Tables */

export class Words {
  #tables;
  #rule;
  #number;

  /** @param {string} json of `web/desk/script_words.py` @param {string} language of the page */
  constructor(json, language) {
    this.#tables = JSON.parse(json);
    this.#rule = new Intl.PluralRules(language);
    this.#number = new Intl.NumberFormat(`${language}-u-nu-latn`); // the digits that the page has
  }

  /** @param {string} name @param {Record<string, string | number>} [values] */
  say(name, values) {
    return this.of("words", name, values);
  }

  /** A word of a table, such as that of a state. @param {string} table @param {string} key @param {Record<string, string | number>} [values] */
  of(table, key, values = {}) {
    const text = this.#tables[table][key];
    return text.replace(/%\((\w+)\)s/g, (/** @type {string} */ place, /** @type {string} */ name) =>
      name in values ? isolated(values[name]) : place,
    );
  }

  /** What is said of so many. @param {string} name @param {number} many */
  many(name, many) {
    return this.#tables.numbers[name][this.#rule.select(many)].replace("#", this.number(many));
  }

  /** @param {number} many */
  number(many) {
    return this.#number.format(many);
  }
}

/** A value may run another way than the words around it (UAX #9). @param {string | number} value */
function isolated(value) {
  return document.dir === "rtl" ? `\u2068${value}\u2069` : `${value}`;
}
