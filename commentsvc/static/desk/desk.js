// The moderators' desk. Without it all works by forms; with it no page is loaded between decisions: each is shown at
// once and sent behind, by keys or buttons.
//
// keys.js    which key means what
// list.js    the comments, the current one, the selected ones
// entry.js   one comment, and how it stands
// saved.js   decisions that wait, which outlive a closed tab
// sender.js  sends them, in order, each once
// words.js   what is said
// api.js     requests

import { Desk } from "./queue.js";

const main = document.querySelector("main.desk");
if (main instanceof HTMLElement && main.querySelector("article.queued, .empty")) new Desk(main).start();
