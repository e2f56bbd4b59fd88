// What publishers load: defines <comment-thread>. It has to work as a classic script and as a module.

import { CommentThread } from "./comment-thread.js";

CommentThread.styles = "/* styles */"; // the service puts comments.css here
if (!customElements.get("comment-thread")) customElements.define("comment-thread", CommentThread);
