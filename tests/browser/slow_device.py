"""A slow device: which tasks keep its main thread busy while a page is opened, by Chromium's own tracing."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

SLOWED = 4  # times
# The first to tell a time or a number in a process waits until V8 has looked through all its languages:
# one call, which nobody can split. Here the page is the first.
TELLS_TIMES = "new Intl.RelativeTimeFormat('en'); new Intl.DateTimeFormat('en');"
SETTLED = "addEventListener('{done}', () => setTimeout(() => console.log('settled'), 500));"
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]


def busy_tasks(browser: Browser, url: str, asked: str, done: str) -> list[float]:
    """Processor time of each task from the request of what *asked* names until half a second after *done*, in ms.

    A busy machine lets tasks wait, but what they cost stays nearly the same.
    """
    context = browser.new_context(locale="en-GB", timezone_id="UTC")
    page = context.new_page()
    page.add_init_script(TELLS_TIMES + SETTLED.format(done=done))
    devtools = context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    ended: list[object] = []
    devtools.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    devtools.on("Tracing.tracingComplete", lambda end: ended.append(end))
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    devtools.send(
        "Tracing.start", {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": CATEGORIES}}
    )
    with page.expect_console_message(lambda said: said.text == "settled", timeout=60_000):
        page.goto(url)
    devtools.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    context.close()

    begin = next(event for event in events if _asks_for(event, asked))
    return [
        event["tdur"] / 1000
        for event in events
        if event["name"] == "RunTask"
        and (event["pid"], event["tid"]) == (begin["pid"], begin["tid"])
        and event["ts"] > begin["ts"]
        and "tdur" in event
    ]


def _asks_for(event: dict[str, Any], path: str) -> bool:
    return event["name"] == "ResourceSendRequest" and path in event["args"]["data"]["url"]
