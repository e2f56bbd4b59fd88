"""For each public route there is: what people ask of it. A new route is not checked until it stands here."""

from __future__ import annotations

from typing import Any

from commentsvc.publishing.scripts import Script, script_url

Sample = dict[str, Any]
"""A request as `Twin.ask` sends it, with `path` where the rule has a variable; `{name}` is a thing of the twin."""

KITES = {"params": {"article": "kites"}}
JSON = {"name": "Ada", "email": "{Ada}", "article": "kites", "text": "Fresh.", "token": "{token}"}
PAGE = {name: value for name, value in JSON.items() if name != "article"}
KEY = {"headers": {"Authorization": "Bearer {edit_key}"}}
KEY_OF_REMOVED = {"headers": {"Authorization": "Bearer {edit_key_of_removed}"}}
KEY_OF_HELD = {"headers": {"Authorization": "Bearer {edit_key_of_held}"}}
OWN = {"params": {"article": "kites", "comment": "{own}"}}
OWN_HELD = {"params": {"article": "kites", "comment": "{held}"}}

SAMPLES: dict[tuple[str, str], list[Sample]] = {
    ("GET", "/"): [{}, {"headers": {"Accept-Language": "de"}}],
    ("GET", "/.well-known/security.txt"): [{}],
    ("GET", "/api/v1/thread"): [
        KITES,
        {"params": {"article": "kites", "order": "newest", "limit": "2"}},
        {"params": {"article": "kites", "limit": "3", "cursor": "{cursor}"}},
        {"params": {"article": "closed"}},
        {"params": {"article": "never seen"}},
        {"params": {"article": "kites", "limit": "3"}, "headers": {"If-None-Match": "{etag}"}},
        {"params": {"article": "kites", "cursor": "wrong"}},
        {"params": {"article": "kites", "site": "none"}},
        {},
    ],
    ("GET", "/api/v1/thread/events"): [KITES, {"params": {"article": "never seen"}}, {}],
    ("GET", "/api/v1/comments/<comment>"): [
        {"path": "/api/v1/comments/{comment}"},
        {"path": "/api/v1/comments/{removed}"},
        {"path": "/api/v1/comments/{held}"},
        {"path": "/api/v1/comments/none"},
    ],
    ("GET", "/api/v1/counts"): [{"params": {"article": ["kites", "closed", "none"]}}, {}],
    ("GET", "/thread/fragment"): [
        KITES,
        {"params": {"article": "kites", "order": "newest", "limit": "3"}},
        {"params": {"article": "closed"}},
        {"params": {"article": "never seen"}},
        {},
    ],
    ("GET", "/thread"): [
        KITES,
        {"params": {"article": "kites", "held": "1"}},
        {"params": {"article": "kites", "comment": "{own}", "own": "{receipt}"}},
        {"params": {"article": "kites", "held": "1", "own": "{receipt_of_held}"}},
        {"params": {"article": "kites", "comment": "{comment}", "reply_to": "{comment}"}},
        {"params": {"article": "kites", "comment": "{held}", "reply_to": "{held}"}},
        {"params": {"article": "closed"}},
        {},
    ],
    ("POST", "/thread"): [
        {**KITES, "data": PAGE},
        # With another text: under one address and from one network it would be the form before, sent again.
        {**KITES, "data": PAGE | {"email": "{Dee}", "text": "Fresh, too."}},
        {**KITES, "data": PAGE | {"name": "Mallory", "email": "{Mallory}"}},
        {**KITES, "data": PAGE | {"text": "Who answers?", "notify": "replies"}},
        {**KITES, "data": PAGE | {"text": ""}},
        {**KITES, "data": PAGE | {"preview": "1"}},
        {**KITES, "data": PAGE | {"token": "{spent}"}},
        {**KITES, "data": PAGE | {"parent": "{held}"}},
        {"params": {"article": "closed"}, "data": PAGE},
        {**KITES, "json": PAGE},
    ],
    ("GET", "/mail/confirm"): [{"params": {"t": "none"}}, {}],
    ("POST", "/mail/confirm"): [{"params": {"t": "none"}}, {}],
    ("GET", "/mail/decide"): [{"params": {"t": "none"}}, {}],
    ("POST", "/mail/decide"): [{"params": {"t": "none"}}, {}],
    ("GET", "/mail/stop"): [{"params": {"t": "none"}}, {}],
    ("POST", "/mail/stop"): [{"params": {"t": "none"}, "data": {"List-Unsubscribe": "One-Click"}}, {}],
    ("GET", "/me"): [{}, {"headers": {"Accept-Language": "de"}}],
    ("POST", "/me"): [
        {"data": {"email": "{Ada}"}},
        {"data": {"email": "{Dee}"}},
        {"data": {"email": "nobody@elsewhere.example"}},
        {"data": {"email": "nobody"}},
        {},
    ],
    ("GET", "/me/data"): [{"params": {"t": "none"}}, {}],
    ("POST", "/me/data"): [{"params": {"t": "none"}, "data": {"do": "erase"}}, {}],
    ("GET", "/thread/own"): [
        {"params": {"comment": "{own}"}, **KEY},
        {"params": {"comment": "{held}"}, **KEY_OF_HELD},
        {"params": {"comment": "{held}"}, **KEY},
        {},
    ],
    ("GET", "/thread/edit"): [
        {**OWN},
        {**OWN_HELD},
        {},
    ],
    ("POST", "/thread/edit"): [
        {**OWN, "data": {"key": "{edit_key}", "open": "1"}},
        {**OWN, "data": {"key": "{edit_key_of_held}", "open": "1"}},
        {**OWN_HELD, "data": {"key": "{edit_key_of_held}", "open": "1"}},
        {**OWN, "data": {"key": "{edit_key}", "text": "*Seen* first.", "preview": "1"}},
        {**OWN, "data": {"key": "{edit_key}", "text": "Edited on the page."}},
        {**OWN, "data": {"key": "{edit_key}", "text": ""}},
        {**OWN, "data": {"key": "{edit_key}", "delete": "ask"}},
        {**OWN, "data": {"key": "{edit_key_of_held}", "delete": "yes"}},
        {**OWN_HELD, "data": {"key": "{edit_key_of_held}", "text": "Edited on the page."}},
        {**OWN, "json": {}},
    ],
    ("POST", "/api/v1/comments"): [
        {"json": JSON},
        {"json": JSON | {"email": "{Dee}"}},
        {"json": JSON | {"email": "{Dee}", "notify": "all"}},
        {"json": JSON | {"email": "{Ada}", "notify": "replies"}},
        {"json": JSON | {"name": "Mallory", "email": "{Mallory}"}},
        {"json": JSON | {"token": "{spent}", "text": "Sent twice."}},
        {"json": JSON | {"token": "{spent}"}},
        {"json": JSON | {"token": "{token}", "text": ""}},
        {"json": JSON | {"parent": "{held}"}},
        {"json": JSON | {"email": "nobody"}},
        {"json": JSON, "headers": {"Origin": "https://evil.example"}},
        {"content": b"{"},
    ],
    ("PATCH", "/api/v1/comments/<comment>"): [
        {"path": "/api/v1/comments/{own}", "json": {"text": "Edited."}, **KEY},
        {"path": "/api/v1/comments/{held}", "json": {"text": "Edited."}, **KEY_OF_HELD},
        {"path": "/api/v1/comments/{own}", "json": {"text": ""}, **KEY},
        {"path": "/api/v1/comments/{held}", "json": {"text": "Edited."}, **KEY},
        {"path": "/api/v1/comments/{own}", "json": {"text": "Edited."}},
    ],
    ("DELETE", "/api/v1/comments/<comment>"): [
        {"path": "/api/v1/comments/{own}"},
        {"path": "/api/v1/comments/{own}", **KEY},
        {"path": "/api/v1/comments/{own}", **KEY},
        {"path": "/api/v1/comments/{held}", **KEY_OF_HELD},
    ],
    ("POST", "/api/v1/comments/<comment>/reports"): [
        {
            "path": f"/api/v1/comments/{{{comment}}}/reports",
            "json": {"token": "{token}", "reason": "abuse"} | more,
        }
        for comment in ("comment", "removed", "held", "cursor")
        for more in (
            {"email": "{Dee}"},
            {"email": "{Ada}", "text": "Of Ada.", "reason": "illegal"},
            {"reason": 5},
        )
    ],
    ("GET", "/api/v1/comments/<comment>/reasons"): [
        {"path": "/api/v1/comments/{own}/reasons", **KEY},
        {"path": "/api/v1/comments/{held}/reasons", **KEY_OF_HELD},
        {"path": "/api/v1/comments/{removed}/reasons", **KEY_OF_REMOVED},
        {"path": "/api/v1/comments/{removed}/reasons", **KEY},
    ],
    ("POST", "/api/v1/comments/<comment>/reasons"): [
        {"path": "/api/v1/comments/{held}/reasons", "json": {"text": "Why?"}, **KEY_OF_HELD},
        {"path": "/api/v1/comments/{removed}/reasons", "json": {"text": "Why?"}, **KEY_OF_REMOVED},
        {"path": "/api/v1/comments/{removed}/reasons", "json": {"text": ""}, **KEY_OF_REMOVED},
    ],
    ("GET", "/thread/report"): [
        {"params": {"comment": "{comment}", "article": "kites"}},
        {"params": {"comment": "{held}"}},
        {},
    ],
    ("POST", "/thread/report"): [
        {"params": {"comment": "{comment}"}, "data": {"token": "{token}", "reason": "spam", "email": "{Bo}"}},
        {"params": {"comment": "{held}"}, "data": {"token": "{token}", "reason": "spam"}},
        {"params": {"comment": "{held}"}, "data": {"token": "{token}", "email": "nobody"}},
    ],
    ("POST", "/thread/reasons"): [
        {**OWN_HELD, "data": {"key": "{edit_key_of_held}", "objection": "Why?"}},
        {**OWN, "data": {"key": "{edit_key_of_held}", "objection": "Why?"}},
        {**OWN, "data": {"key": "{edit_key}", "objection": ""}},
    ],
    ("GET", "/api/v1/form"): [KITES, {"params": {"article": "closed"}}, {}],
    ("POST", "/api/v1/preview"): [{"json": {"text": "*Hello*"}}, {"json": {}}],
    ("GET", "/feeds/thread.atom"): [KITES, {"params": {"article": "closed"}}, {}],
    ("GET", "/feeds/thread.json"): [KITES, {"params": {"article": "closed"}}, {}],
    ("GET", "/feeds/site.atom"): [{}, {"params": {"site": "none"}}],
    ("GET", "/feeds/queue.atom"): [{"params": {"t": "none"}}, {}],
    ("GET", "/feeds/site.json"): [{}, {"params": {"site": "none"}}],
    ("GET", "/embed.js"): [{}],
    ("GET", "/count.js"): [{}],
    ("GET", "/frame.js"): [{}],
    ("GET", "/follow.js"): [{}],
    ("GET", "/live.js"): [{}],
    ("GET", "/write.js"): [{}],
    ("GET", "/publisher.js"): [{}],
    ("GET", "/words.js"): [{}],
    ("GET", "/<name>-<digest>.js"): [
        {"path": f"/{script_url(Script.EMBED)}"},
        {"path": f"/{script_url(Script.FOLLOW)}"},
        {"path": f"/{script_url(Script.WRITE)}"},
        {"path": f"/{script_url(Script.PUBLISHER)}"},
        {"path": "/count-none.js"},
        {"path": "/none-none.js"},
    ],
    ("GET", "/static/<path:filename>"): [
        {"path": "/static/widget/comments.css"},
        {"path": "/static/../app.py"},
        {"path": "/static/none"},
    ],
    ("GET", "/healthz"): [{}],
    ("GET", "/healthz/connection"): [{}],
    ("GET", "/readyz"): [{}],
    ("GET", "/metrics"): [{}],
    ("GET", "/openapi.json"): [{}],
    ("GET", "/docs"): [{}],
}

PRIVATE = ("/moderation", "/api/v1/moderation")
"""How the moderators' own routes begin."""
