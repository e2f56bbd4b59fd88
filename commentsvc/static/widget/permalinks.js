// A comment in the URL of the page: "#comment-ID", or "comment=ID" within a route behind the "#".

/** The id of the comment that a hash names; that of the page unless told. */
export function hashCommentId(hash = location.hash) {
  return /(?:^#comment-|[?&]comment=)([\w-]+)(?=&|$)/.exec(hash)?.[1];
}

/** The URL of a comment on this page, which may have a route behind the "#". @param {string | undefined} comment */
export function permalink(comment) {
  const [page, hash = ""] = location.href.split(/#(.*)/s);
  if (!/^!|\//.test(hash)) return `${page}#comment-${comment}`;
  const route = hash.replace(/#.*|([?&])comment=[^&]*&?/gs, "$1").replace(/[?&]$/, "");
  return `${page}#${route}${route.includes("?") ? "&" : "?"}comment=${comment}`;
}
