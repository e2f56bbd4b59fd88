"""Checks of other packages: installed, they are used from the next start on, and none of them holds anybody up."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.command_line import refusal, typed
from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json
from tests.running_service import InProcess

__all__ = ["on_both"]

Install = Callable[..., str]
SHOUTING = """
    if candidate.plain.isupper():
        return Finding(outcome="{outcome}", score=0.6, message="All in capitals", evidence=candidate.plain[:40])
    return None
"""
GENERAL_REFUSAL = "This site does not accept this comment."


def queued(service: InProcess) -> Json:
    (comment,) = service.moderator().queue()
    return comment


def finding(check: str, outcome: str, message: str, **more: object) -> Json:
    whole = {"check": check, "outcome": outcome, "score": 0.0, "message": message}
    return whole | {"evidence": "", "watching": False} | more


@pytest.mark.parametrize("phase", ["before", "inside"])
def test_a_check_of_a_package_is_used_from_the_next_start_on(
    install: Install, make_service: MakeService, phase: str
) -> None:
    install(SHOUTING.format(outcome="hold"), phase=phase)
    service = make_service()

    quiet, loud = (service.reader().post("a", text) for text in ("Hello.", "HELLO THERE."))

    assert (quiet.status_code, loud.status_code) == (201, 202)
    said = finding("shouting", "hold", "All in capitals", score=0.6, evidence="HELLO THERE.")
    assert [c["findings"] for c in service.moderator().queue()] == [[], [said]]


@pytest.mark.parametrize(("outcome", "state"), [("none", "approved"), ("hold", "pending"), ("spam", "spam")])
def test_an_outcome_decides_where_the_comment_goes(
    install: Install, make_service: MakeService, outcome: str, state: str
) -> None:
    install(SHOUTING.format(outcome=outcome))
    service = make_service()

    service.reader().posted("a", "HELLO.")

    comment = queued(service)
    assert (comment["state"], comment["findings"][0]["outcome"]) == (state, outcome)
    assert comment["reasons"] == ([] if outcome == "none" else ["All in capitals"])


def test_what_is_rejected_is_not_stored_and_can_be_corrected(
    install: Install, make_service: MakeService
) -> None:
    install(SHOUTING.format(outcome="reject"))
    service = make_service()
    reader = service.reader()
    submission = reader.submission("a", "HELLO.")

    refused = reader.send(submission)

    assert (refused.status_code, refused.json()["errors"]) == (422, {"text": [GENERAL_REFUSAL]})
    assert service.moderator().queue() == []
    assert reader.send(submission | {"text": "Hello."}).status_code == 201


def test_an_edit_goes_the_same_way(install: Install, make_service: MakeService) -> None:
    install(SHOUTING.format(outcome="hold"))
    service = make_service()
    reader = service.reader()
    posted = reader.posted("a", "Hello.")

    edited = reader.edit(posted["comment"]["id"], posted["edit_key"], "HELLO.")

    assert (edited.status_code, queued(service)["state"]) == (202, "pending")
    assert [one["check"] for one in queued(service)["findings"]] == ["shouting"]


def test_a_site_sets_it_as_its_own(install: Install, make_service: MakeService) -> None:
    install(SHOUTING.format(outcome="hold"))
    service = make_service()
    reader = service.reader()

    service.run("site", "set", "default", "--check", "shouting=watching")
    assert reader.post("a", "HELLO.").status_code == 201
    assert queued(service)["findings"][0]["watching"] is True
    service.run("site", "set", "default", "--check", "shouting=off")
    assert reader.post("b", "HELLO AGAIN.").status_code == 201
    assert service.moderator().queue(article="b")[0]["findings"] == []
    assert "shouting off" in service.run("site", "list")


FAILING = {
    "raises": "raise RuntimeError(candidate.text)",
    "asks to exit": "raise SystemExit(1)",
    "gives what is no finding": "return 'spam'",
    "gives a list of such": "return [None]",
    "makes a finding that cannot be": "return Finding(outcome='burn', score=0.5, message='x')",
    "changes what it is given": "candidate.text = 'x'",
}


@pytest.mark.parametrize("phase", ["before", "inside"])
@pytest.mark.parametrize("look", FAILING.values(), ids=FAILING)
def test_one_that_fails_is_skipped_and_says_so(
    install: Install, make_service: MakeService, caplog: pytest.LogCaptureFixture, look: str, phase: str
) -> None:
    install(look, phase=phase)
    install(SHOUTING.format(outcome="hold"), name="another", phase=phase)
    service = make_service()

    answers = [service.reader().post("a", text).status_code for text in ("Hello Zugzwang.", "HELLO.")]

    assert answers == [201, 202]
    skipped = finding("shouting", "none", "this check was skipped: it failed")
    assert service.moderator().queue()[0]["findings"] == [skipped]
    (told, _) = [record for record in caplog.records if record.name == "commentsvc.screening"]
    assert "check skipped" in told.getMessage()
    assert "Zugzwang" not in told.getMessage()


HANGING = {"above": "import threading\nenough = threading.Event()", "look": "enough.wait(60)"}


@pytest.mark.soak
@pytest.mark.parametrize("phase", ["before", "inside"])
def test_one_that_hangs_is_skipped_and_the_others_are_not(
    install: Install, make_service: MakeService, phase: str
) -> None:
    module = install(**HANGING, phase=phase)
    install(SHOUTING.format(outcome="hold"), name="another", phase=phase)
    service = make_service()

    answer = service.reader().post("a", "HELLO.")
    sys.modules[module].enough.set()

    assert answer.status_code == 202
    found = {one["check"]: one for one in queued(service)["findings"]}
    assert found["shouting"] == finding("shouting", "none", "this check was skipped: it took too long")
    assert found["another"]["message"] == "All in capitals"


ASKING = """
return Finding("none", 0.0, "facts", repr((candidate.site, facts.mode.value, facts.first_comment,
    facts.thread_opened_at and facts.thread_opened_at.isoformat(), facts.same_text)))
"""


@pytest.mark.parametrize(("phase", "times"), [("before", [None, None]), ("inside", [0, 1])])
def test_it_is_told_the_facts(
    install: Install, make_service: MakeService, phase: str, times: list[int | None]
) -> None:
    install(ASKING, phase=phase)
    service = make_service()

    service.reader().posted("a", "The same.")
    service.clock.move(hours=1)
    service.reader().posted("a", "The SAME.", name="Bo")

    told = [c["findings"][0]["evidence"] for c in service.moderator().queue()]
    opened = "2026-11-24T09:00:00+00:00"
    assert told == [
        repr(("default", "none", True, None, times[0])),
        repr(("default", "none", True, opened, times[1])),
    ]


SEARCHING = """
known = repr(candidate) + repr(facts)
return Finding("none", 0.0, "known", repr(("bob@" in known, "192.0.2." in known, facts.caught)))
"""


def test_it_is_told_of_no_address_and_of_no_block_on_one(install: Install, make_service: MakeService) -> None:
    install(SEARCHING, phase="inside")
    service = make_service()
    service.moderator().block("email", "bob@paper.example", "hold")

    answer = service.reader().post("a", email="bob@paper.example")

    assert answer.status_code == 202
    told = {one["check"]: one["evidence"] for one in queued(service)["findings"]}
    assert told == {"blocks": "", "shouting": repr((False, False, ()))}


@pytest.mark.parametrize(
    ("name", "phase", "above"),
    [
        ("Not A Name", "before", ""),
        ("links", "before", ""),
        ("late", "afterwards", ""),
        ("broken", "before", "raise ImportError('broken')"),
    ],
)
def test_what_cannot_be_a_check_is_left_out_and_the_log_says_so(
    install: Install,
    make_service: MakeService,
    caplog: pytest.LogCaptureFixture,
    name: str,
    phase: str,
    above: str,
) -> None:
    module = install("return None", name=name, phase=phase, above=above)
    service = make_service()

    assert service.reader().post("a").status_code == 201
    (told,) = [record.getMessage() for record in caplog.records if record.name == "commentsvc.screening"]
    assert ("check cannot be used" in told, module in told) == (True, True)


def test_what_was_set_for_one_that_is_gone_is_of_no_matter(
    install: Install, make_service: MakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = install(SHOUTING.format(outcome="hold"))
    service = make_service()
    service.run("site", "set", "default", "--check", "shouting=watching")
    monkeypatch.setattr(sys, "path", [path for path in sys.path if module not in path])
    later = service.restarted()

    assert later.reader().post("a", "HELLO.").status_code == 201
    assert "shouting" not in later.run("site", "list")
    assert "Unknown check “shouting”" in refusal(
        typed("site", "set", "default", "--check", "shouting=on", data_dir=later.data_dir)
    )
    later.close()
