"""Blocks on words, domains and networks: what they catch, what happens then, and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import Moderator, Reader
from tests.running_service import InProcess

STATE = {"hold": "pending", "spam": "spam"}
CAUGHT: dict[str, tuple[str, dict[str, str]]] = {
    "word": ("lottery", {"text": "Win the lottery."}),
    "domain": ("spam.example", {"text": "See https://spam.example/win."}),
    "range": ("192.0.2.0/24", {"text": "Harmless."}),
}


@pytest.mark.parametrize("kind", CAUGHT)
@pytest.mark.parametrize("action", STATE)
def test_what_is_caught_awaits_moderation(
    reader: Reader, moderator: Moderator, kind: str, action: str
) -> None:
    value, comment = CAUGHT[kind]
    moderator.block(kind, value, action)

    answer = reader.post("a", **comment)

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert reader.thread("a")["count"] == 0
    queued = moderator.queue()[0]
    assert (queued["state"], queued["reasons"]) == (STATE[action], [f"blocked {kind}: {value}"])


@pytest.mark.parametrize(("kind", "status"), [("word", 422), ("domain", 422), ("range", 403)])
def test_what_is_rejected_is_not_kept_and_its_sender_is_told(
    reader: Reader, moderator: Moderator, kind: str, status: int
) -> None:
    value, comment = CAUGHT[kind]
    moderator.block(kind, value, "reject")
    submission = reader.submission("a", **comment)

    answer = reader.send(submission)

    assert answer.status_code == status
    assert (
        (list(answer.json()["errors"]) == ["text"]) if status == 422 else "network" in answer.json()["detail"]
    )
    assert value not in answer.text
    assert moderator.queue() == []


@pytest.mark.parametrize("kind", CAUGHT)
def test_a_rejected_form_can_be_corrected_and_sent_again(
    service: InProcess, reader: Reader, moderator: Moderator, kind: str
) -> None:
    value, comment = CAUGHT[kind]
    moderator.block(kind, value, "reject")
    submission = reader.submission("a", **comment)
    reader.send(submission)

    from_elsewhere = service.reader("198.51.100.7")

    assert from_elsewhere.send(submission | {"text": "Harmless."}).status_code == 201


@pytest.mark.parametrize("kind", CAUGHT)
def test_a_block_ends_when_it_was_said_to(
    service: InProcess, reader: Reader, moderator: Moderator, kind: str
) -> None:
    value, comment = CAUGHT[kind]
    moderator.block(kind, value, "hold", until="2026-11-24T11:00:00+01:00")

    service.clock.move(minutes=59, seconds=59)
    assert reader.post("a", **comment).status_code == 202
    service.clock.move(seconds=1)
    assert reader.post("a", **comment).status_code == 201


@pytest.mark.parametrize("kind", CAUGHT)
def test_a_lifted_block_catches_nothing_more(reader: Reader, moderator: Moderator, kind: str) -> None:
    value, comment = CAUGHT[kind]
    block = moderator.block(kind, value, "reject")

    assert moderator.request("DELETE", f"/blocks/{block['id']}").status_code == 204
    assert moderator.request("DELETE", f"/blocks/{block['id']}").status_code == 404

    assert reader.post("a", **comment).status_code == 201


def test_blocks_are_listed_as_they_were_set(moderator: Moderator) -> None:
    until = "2027-01-31T00:00:00Z"
    word = moderator.block("word", "lottery", "spam", until=until, note="Since Tuesday.")
    address = moderator.block("email", "Mallory@Paper.example", "hold")

    listed = moderator.request("GET", "/blocks").json()["blocks"]

    assert listed == [word, address]
    assert (word["until"], word["note"], word["site"]) == (until, "Since Tuesday.", None)
    assert (address["value"], address["created_at"]) == ("Mallory@paper.example", "2026-11-24T09:00:00Z")


@pytest.mark.parametrize(
    ("word", "text", "is_caught"),
    [
        ("lottery", "Win the LOTTERY!", True),
        ("LOTTERY", "win the lottery", True),
        ("lottery", "lottery", True),
        ("lottery", "The lotterywoman came.", False),
        ("lottery", "sub-lottery", True),
        ("lottery", "my_lottery", False),
        ("lottery", "Win the ｌｏｔｔｅｒｙ.", True),
        ("fine", "A ﬁne thing.", True),
        ("straße", "In der STRASSE.", True),
        ("ДЕНЬГИ", "Легкие деньги!", True),
        ("привет", "приветик", False),
        ("cheap watches", "Buy cheap\n   watches.", True),
        ("cheap watches", "Cheap and good watches.", False),
        ("c++", "I write C++, mostly.", True),
        ("a.b", "axb", False),
        ("%", "100 % sure", True),
    ],
)
def test_a_word_is_caught_as_people_would_read_it(
    reader: Reader, moderator: Moderator, word: str, text: str, is_caught: bool
) -> None:
    moderator.block("word", word, "hold")

    assert reader.post("a", text).status_code == (202 if is_caught else 201)


def test_a_word_in_the_name_is_caught_too(reader: Reader, moderator: Moderator) -> None:
    moderator.block("word", "lottery", "hold")

    assert reader.post("a", name="Lottery Winner").status_code == 202


@pytest.mark.parametrize(
    ("domain", "link", "is_caught"),
    [
        ("spam.example", "https://spam.example", True),
        ("spam.example", "http://SPAM.example:8080/x?y#z", True),
        ("spam.example", "https://www.deep.spam.example/", True),
        ("*.spam.example", "https://www.spam.example/", True),
        (".Spam.Example.", "https://spam.example./", True),
        ("spam.example", "https://notspam.example/", False),
        ("spam.example", "https://spam.example.org/", False),
        ("spam.example", "https://good.example/spam.example", False),
        ("spam.example", "https://good.example/?to=https://spam.example/", False),
        ("spam.example", "https://sp%61m.example/", True),
        ("bücher.example", "https://xn--bcher-kva.example/", True),
        ("xn--bcher-kva.example", "https://www.bücher.example/", True),
        ("пример.example", "https://xn--e1afmkfd.example/", True),
    ],
)
def test_a_domain_is_caught_with_all_under_it(
    reader: Reader, moderator: Moderator, domain: str, link: str, is_caught: bool
) -> None:
    moderator.block("domain", domain, "hold")

    assert reader.post("a", f"See <{link}> please.").status_code == (202 if is_caught else 201)
    assert reader.post("a", f"See [this]({link}) please.").status_code == (202 if is_caught else 201)


def test_a_domain_in_the_website_is_caught_too(reader: Reader, moderator: Moderator) -> None:
    moderator.block("domain", "spam.example", "hold")

    assert reader.post("a", url="https://www.spam.example/").status_code == 202
    assert reader.post("a", url="https://ｗｗｗ．ｓｐａｍ。example/").status_code == 202
    assert reader.post("a", url="https://notspam.example/").status_code == 201


def test_a_domain_that_is_only_named_is_caught_too(reader: Reader, moderator: Moderator) -> None:
    moderator.block("domain", "spam.example", "hold")

    assert reader.post("a", "I read spam.example in the news.").status_code == 202
    assert reader.post("a", "Look: s*pam*.example。很好").status_code == 202
    assert reader.post("a", "[spam.example](https://good.example/)").status_code == 202
    assert reader.post("a", name="spam.example").status_code == 202
    assert reader.post("a", "I read notspam.example in the news.").status_code == 201


WRITTEN = [
    ("赌博", "在线赌博网站", True),
    ("viagra", "今すぐviagraを", True),
    ("viagra", "via\u200bgra", True),
    ("viagra", "v&#105;agra", True),
    ("viagra", "vi**a**gra", True),
    ("viagra", "vi[a](https://good.example/)gr`a`", True),
    ("viagra", "vi\u0430gra", True),
    ("viagra", "vi\\\nagra", False),
    ("viagra", "[See](https://viagra.example/)", True),
    ("viagra", "[See](https://good.example/vi%61gra)", True),
    ("viagra", '[See](https://good.example/ "Viagra")', True),
    ("bücher", "[See](https://xn--bcher-kva.example/)", True),
    ("cheap watches", "cheap\n\n* watches", True),
    ("赌博", "赌\n博", True),
    ("corn", "com", False),
    ("ass", "A class.", False),
    ("gra", "vi**a**gra", False),
    ("language", "```language-x\na\n```", False),
    ("quot", '"', False),
]


@pytest.mark.parametrize(("word", "text", "is_caught"), WRITTEN, ids=ascii)
def test_a_word_is_looked_for_in_what_a_reader_sees(
    reader: Reader, moderator: Moderator, word: str, text: str, is_caught: bool
) -> None:
    moderator.block("word", word, "hold")

    assert reader.post("a", text).status_code == (202 if is_caught else 201)


@pytest.mark.parametrize(
    ("network", "client", "is_caught"),
    [
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.3.1", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.99/24", "192.0.2.1", True),
        ("192.0.2.0/24", "::ffff:192.0.2.1", True),
        ("2001:db8::/32", "2001:db8:1234::1", True),
        ("2001:DB8::/48", "2001:db8:1::1", False),
        ("2001:db8::1", "2001:0db8:0:0::1", True),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("::/0", "192.0.2.1", False),
    ],
)
def test_a_network_is_caught_in_both_families(
    service: InProcess, moderator: Moderator, network: str, client: str, is_caught: bool
) -> None:
    moderator.block("range", network, "hold")

    assert service.reader(client).post("a").status_code == (202 if is_caught else 201)


def test_the_strongest_of_several_blocks_holds(reader: Reader, moderator: Moderator) -> None:
    moderator.block("word", "lottery", "hold")
    moderator.block("domain", "spam.example", "spam")
    moderator.block("range", "192.0.2.0/24", "hold")

    reader.comment("a", "Win the lottery at https://spam.example/.")

    queued = moderator.queue()[0]
    assert queued["state"] == "spam"
    assert len(queued["reasons"]) == 3


@pytest.mark.parametrize("kind", ["word", "domain"])
def test_an_edit_is_screened_as_a_post_is(reader: Reader, moderator: Moderator, kind: str) -> None:
    value, comment = CAUGHT[kind]
    moderator.block(kind, value, "spam")
    posted = reader.posted("a", "Harmless.")

    edited = reader.edit(posted["comment"]["id"], posted["edit_key"], comment["text"])

    assert (edited.status_code, edited.json()["state"]) == (202, "pending")
    assert reader.thread("a")["count"] == 0


def test_a_block_on_one_site_leaves_the_others_alone(
    reader: Reader, moderator: Moderator, sports: Moderator
) -> None:
    moderator.block("word", "lottery", "hold", site="sports")

    assert reader.post("a", "A lottery.", site="sports").status_code == 202
    assert reader.post("a", "A lottery.").status_code == 201


@pytest.mark.parametrize(
    ("block", "field"),
    [
        ({"kind": "range", "value": "192.0.2.0/33"}, "value"),
        ({"kind": "range", "value": "everywhere"}, "value"),
        ({"kind": "word", "value": "   "}, "value"),
        ({"kind": "word", "value": "x" * 101}, "value"),
        ({"kind": "word", "value": "\u200b\u2063"}, "value"),
        ({"kind": "domain", "value": "https://spam.example/"}, "value"),
        ({"kind": "domain", "value": "."}, "value"),
        ({"kind": "email", "value": "mallory"}, "value"),
        ({"kind": "country", "value": "x"}, "kind"),
        ({"action": "burn"}, "action"),
        ({"value": None}, "value"),
        ({"until": "2026-11-24T09:00:00Z"}, "until"),
        ({"until": "2027-01-31T00:00:00"}, "until"),
        ({"until": "tomorrow"}, "until"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_a_block_that_cannot_be_is_refused_with_its_field(
    moderator: Moderator, block: dict[str, Any], field: str
) -> None:
    whole = {"kind": "word", "value": "lottery", "action": "hold"} | block

    answer = moderator.request("POST", "/blocks", json=whole)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert moderator.request("GET", "/blocks").json()["blocks"] == []


@pytest.mark.parametrize("zone", ["Z", "-23:59", "+23:59"])
def test_an_end_beyond_the_calendar_is_refused(moderator: Moderator, zone: str) -> None:
    block = {"kind": "word", "value": "x", "action": "hold", "until": f"9999-12-31T23:59:59{zone}"}

    answer = moderator.request("POST", "/blocks", json=block)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["until"])
