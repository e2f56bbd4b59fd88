// The attributes of <comment-thread>, each of which is a property too.

const DEFAULTS = {
  article: "",
  site: "",
  order: "",
  "page-size": "",
  lang: "",
  loading: "lazy",
  theme: "auto",
};

/** Their names. */
export const ATTRIBUTES = [...Object.keys(DEFAULTS), "closed"];

/** @param {string} attribute */
function propertyName(attribute) {
  return attribute.replace("-s", "S");
}

/** Define the properties. Some frameworks set undefined to remove the attribute. @param {HTMLElement} prototype */
export function defineProperties(prototype) {
  for (const [name, unset] of Object.entries(DEFAULTS)) {
    Object.defineProperty(prototype, propertyName(name), {
      get() {
        return this.getAttribute(name) ?? unset;
      },
      set(value) {
        if (value == null) this.removeAttribute(name);
        else this.setAttribute(name, value);
      },
    });
  }
}

/** Make attributes of the properties that were set before the script came. @param {any} element */
export function upgradeProperties(element) {
  for (const name of ATTRIBUTES.map(propertyName)) {
    if (!Object.hasOwn(element, name)) continue;
    try {
      const value = element[name];
      delete element[name];
      element[name] = value;
    } catch {
      // It cannot be read, deleted or be text: as if it were not set.
    }
  }
}
