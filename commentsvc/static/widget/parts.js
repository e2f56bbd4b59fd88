// The parts of the widget, which are loaded when they are needed.
//
// follow.js     what a reader does after the first look
// live.js       news of others, for who stays a while
// write.js      what a person needs to write
// publisher.js  says what is wrong with the page
// words.js      says in the reader's language that nothing could be loaded

import { SERVICE } from "./service.js";

/**
 * @typedef {object} Parts
 * @property {import("./follow.js").default} follow
 * @property {import("./live.js").default} live
 * @property {import("./write.js").default} write
 * @property {import("./publisher.js").default} publisher
 * @property {import("./words.js").default} words
 */

// The service puts the digests of their content here.
const DIGESTS = {
  follow: "/* follow */",
  live: "/* live */",
  write: "/* write */",
  publisher: "/* publisher */",
  words: "/* words */",
};

/**
 * Load a part.
 * @template {keyof Parts} Name
 * @param {Name} name @param {number} failures so far: a URL that failed once fails for good
 * @param {() => import("./types.js").WidgetApi} api
 * @returns {Promise<Parts[Name]>}
 */
export async function loadPart(name, failures, api) {
  const { default: Part } = await import(
    `${SERVICE}${name}-${DIGESTS[name]}.js${failures ? `?${failures}` : ""}`
  );
  return new Part(api());
}
