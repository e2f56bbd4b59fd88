// Times as the reader says them, by the service's clock.

/** In ms. @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

let serviceTime = 0; // when the last document was sent, in ms; a cache may have stored it since
let skew = 0; // ms by which the reader's clock is slow

/** @param {string | null} date the header of an answer */
export function noteServiceTime(date) {
  serviceTime = Date.parse(date ?? "");
}

/** @param {number} now of the service, in ms */
export function setTime(now) {
  skew = now - Date.now();
}

/** Whether the reader's clock may be off by more than that many ms: it is wrong, or the document came from a cache. @param {number} tolerance */
export function mayBeOff(tolerance) {
  return Math.abs(serviceTime - Date.now() - skew) > tolerance;
}

/** @type {Record<string, { relative: Intl.RelativeTimeFormat, exact: Intl.DateTimeFormat }>} */
const cache = {};

/** @param {string} language */
export function timeFormats(language) {
  return (cache[language] ??= {
    relative: new Intl.RelativeTimeFormat(language, { numeric: "auto" }),
    exact: new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }),
  });
}

/** Write how long ago each time was; the exact one is its title. @param {Element} part @param {string} language */
export function showTimes(part, language) {
  const { relative, exact } = timeFormats(language);
  for (const time of part.querySelectorAll("time")) {
    const date = Date.parse(time.dateTime);
    const age = Math.max(0, Date.now() + skew - date);
    const [unit, length] = UNITS.find(([, ms]) => age >= ms) ?? ["second", Infinity];
    time.textContent = relative.format(-Math.floor(age / length), unit);
    time.title = exact.format(date);
  }
}
