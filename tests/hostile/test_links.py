"""Where a link begins and ends, and where it leads."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.publishing.sanitise import render

URL = "https://example.com/guide"


def linked(text: str) -> str:
    """The text of the only link that *text* makes."""
    return unescape(re.findall(r"<a [^>]*>(.*?)</a>", render(text))[0])


@pytest.mark.unit
@pytest.mark.parametrize(
    "text",
    [
        f"{URL}，谢谢", f"“{URL}”", f"（{URL}）です", f"{URL}—b", f"「{URL}」", f"『{URL}』と", f"{URL}。", f"{URL}、",
        f"{URL}؟", f"{URL}، و", f"{URL}।", f"{URL}…", f"«{URL}»", f"„{URL}“", f"{URL}！", f"‹{URL}›", f"{URL}։",
        f"({URL})", f"[{URL}]", f"{URL}.", f"{URL}, and", f"{URL}!", f"{URL}?", f"{URL};", f"'{URL}'", f'"{URL}"',
        f"<b>{URL}</b>", f"**{URL}**", f"_{URL}_", f"~~{URL}~~", f"{URL}\u3000a", f"{URL}\u200b", f"{URL}|",
    ],
)  # fmt: skip
def test_a_bare_link_ends_before_the_punctuation_around_it(text: str) -> None:
    assert linked(text) == URL


@pytest.mark.unit
@given(
    st.characters(categories=["Pd", "Ps", "Pe", "Pi", "Pf", "Po"]).filter(
        lambda c: not c.isascii() and c != "·"
    )
)
def test_no_punctuation_of_any_script_is_of_the_address(mark: str) -> None:
    assert linked(f"{URL}{mark} a") == URL


@pytest.mark.unit
@pytest.mark.parametrize(
    "url",
    [
        "http://[2001:db8::1]:8080/x", "http://[::1]/", "https://en.wiki.example/a_(b)", "https://a.example/?q=[1]&r=2#c",
        "https://пример.рф/путь", "https://a.example/漢字", "https://a.example/col·lecció", "https://a.example/~b/@c/$d",
        "HTTPS://A.EXAMPLE/", "https://münchen.example/ä", "https://a.example:8443/b", "https://a.example/it's",
        "https://a.example/b,c;d=e", "https://a.example/😀", "https://a.example/?next=https://b.example/",
    ],
)  # fmt: skip
def test_an_address_is_a_link_as_a_whole(url: str) -> None:
    assert linked(f"see {url}, please") == url


@pytest.mark.unit
def test_a_host_ends_where_the_words_of_another_script_begin() -> None:
    assert linked("看https://example.com谢谢") == "https://example.com"


@pytest.mark.unit
@pytest.mark.parametrize("text", ["https://", "http://.", "https://?", "https://a:b@c.example", "xhttps://a.example",
                                  "https:/a.example", "https://[::1", "https:///a"])  # fmt: skip
def test_what_leads_nowhere_is_text(text: str) -> None:
    assert "<a" not in render(text)


@pytest.mark.unit
@pytest.mark.parametrize(
    "label",
    [
        "https://bank.example", "bank.example", "BANK.example", "www.bank.example", "bank.example/login", "go to bank.example!",
        "ｂａｎｋ．example", "bank。example", "ba\u200bnk.example", "ba\u00adnk.example", "`bank.example`", "**bank**.example",
        "bаnk.example", "xn--bnk-8cd.example", "evil.example.bank.example", "bank.example?a", "https://bank.example/evil.example",
    ],
)  # fmt: skip
def test_a_link_that_names_another_host_shows_its_own(label: str) -> None:
    assert linked(f"[{label}](https://evil.example/a)").endswith(" (evil.example)")
    assert linked(f"![{label}](https://evil.example/a)").endswith(" (evil.example)")


@pytest.mark.unit
@pytest.mark.parametrize(
    "label",
    ["evil.example", "https://evil.example/index.html", "www.evil.example", "EVIL.example", "an article", "see evil.example/a.b",
     "ｅｖｉｌ.example", "3.5 of them", "e.g. this"],
)  # fmt: skip
def test_a_link_that_names_its_own_host_or_none_says_no_more(label: str) -> None:
    assert "(evil.example)" not in linked(f"[{label}](https://evil.example/a)")


@pytest.mark.unit
def test_the_host_is_shown_as_it_is_looked_up() -> None:
    assert linked("[bank.example](https://bänk.example/)").endswith(" (xn--bnk-qla.example)")


@pytest.mark.unit
@pytest.mark.parametrize("url", ["https://xn--/", "https://a.example:99999/"])
def test_an_address_that_no_browser_can_read_is_not_linked(url: str) -> None:
    assert "href" not in render(f"[a]({url})")
