// What the widget (embed.js) and its parts hand each other.

/** A page of a thread: its section with the list still empty, and the comments that go into the list. */
export interface Page {
  section: HTMLElement;
  comments: Element[];
}

/** The query of a fragment; what is empty or false is left out. */
export type Query = Record<string, string | false | undefined>;

/** Names of the attributes `data-posted`, `data-held`, `data-unread` of the status line. */
export type Status = "posted" | "held" | "unread";

export type Field = HTMLInputElement | HTMLTextAreaElement;

/** What the parts get from the widget, for the thread that was shown when they were loaded. */
export interface WidgetApi {
  /** base URL of the service, with a slash at its end */
  service: string;
  element: HTMLElement;
  root: ShadowRoot;
  /** site and article as one key */
  subject: string;
  /** what this thread was asked for by */
  query: Query;
  /** whether this thread is still the one that is shown */
  isCurrent(): boolean;
  /** aborted when the element is removed from its page */
  signal(): AbortSignal;
  fetchHtml: typeof import("./service.js").fetchHtml;
  /** the URL of a page of this thread, relative to the service */
  url(more?: Query): string;
  fetchPage(url: string): Promise<Page>;
  showPage(page: Page): Promise<void>;
  append(list: Element, comments: Element[]): Promise<void>;
  /** give one's own comments their buttons */
  markOwn(): Promise<void>;
  /** write times and permalinks as this page and reader need them */
  localise(part: Element): void;
  /** the time on the service's clock, in ms since 1970 */
  setTime(now: number): void;
  addStyles(css: string): void;
  /** focus and scroll to an element; gives it, if it is there */
  focus(id: string): HTMLElement | undefined | null;
  /** fill the status line; empty without a name */
  showStatus(name?: Status): void;
  /** tell the publisher what is wrong with the page */
  report: typeof import("./report.js").report;
  emit: typeof import("./events.js").emit;
}
