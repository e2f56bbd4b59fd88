"""Blocked words and hosts in every disguise, and the innocent ones beside them."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.screening.hosts import domain, mentioned, with_parents
from commentsvc.screening.words import Passage, Words

LIKE_LATIN = dict(zip("aeopcyxijshdqwvkg", "аеорсухіјѕһԁԛԝνкɡ", strict=True))
LIKE_CAPITALS = dict(zip("abeijkmhopctxys", "АВЕІЈКМНОРСТХУЅ", strict=True))
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\ufe0f\U000e0061\u2063\u061c\u202e\u180e\U000e0100"
MARKS = "\u0301\u0308\u0323\u0336\u20dd\u0338\u0489\u1dc4"


def is_caught(word: str, text: str) -> bool:
    return word in Words([word]).found_in(Passage(text))


CAUGHT = [
    ("viagra", "ｖｉａｇｒａ"),
    ("viagra", "𝓿𝓲𝓪𝓰𝓻𝓪 𝕧𝕚𝕒𝕘𝕣𝕒"),
    ("viagra", "ᴠɪᴀɢʀᴀ"),
    ("viagra", "ᵛⁱᵃᵍʳᵃ"),
    ("viagra", "ⓥⓘⓐⓖⓡⓐ"),
    ("viagra", "🅥🅘🅐🅖🅡🅐"),
    ("viagra", "🆅🅸🅰🅶🆁🅰"),
    ("viagra", "v̶i̶a̶g̶r̶a̶"),
    ("viagra", "Viagra™"),
    ("viagra", "viagra¹"),
    ("viagra", "vıagra"),
    ("viagra", "VİAGRA"),
    ("viagra", "νιаɡra"),
    ("tramadol", "тramadol"),
    ("casino", "CASІNО"),
    ("scope", "ѕсоре"),
    ("porn", "pørn"),
    ("сука", "cyкa"),
    ("ДЕНЬГИ", "дéньгu деньги"),
    ("ёж", "еж"),
    ("ΛΟΓΟΣ", "λόγος"),
    ("cafe", "café"),
    ("café", "cafe"),
    ("café", "c̶a̶f̶é̶"),
    ("Straße", "STRASSE"),
    ("strasse", "Straße"),
    ("cặc", "cac"),
    ("كازينو", "كـازيـنـو"),
    ("كازينو", "ﻛﺎزﻳﻨﻮ"),
    ("كازينو", "کازینو"),
    ("كازينو", "كَازِينُو"),
    ("שלום", "שָׁלוֹם"),
    ("می‌خواهم", "میخواهم"),
    ("赌博", "在线赌博网站"),
    ("赌博", "赌\n博"),
    ("casino", "最好casino网"),
    ("エロ", "工口"),
    ("ガンダム", "ｶﾞﾝﾀﾞﾑ"),
    ("카지노", "카지노를"),
    ("카지노", unicodedata.normalize("NFD", "카지노")),
    ("ยา", "ซื้อยาถูก"),
    ("cheap watches", "Cheap\u00a0\u3000\r\n watches"),
    ("c++", "(C++)"),
    ("👩‍💻", "a👩‍💻b"),
]

INNOCENT = [
    ("corn", "com"),
    ("com", "corn"),
    ("ass", "class assess"),
    ("bail", "ball"),
    ("viagra", "v1agra"),
    ("viagra", "via gra"),
    ("viagra", "via\ngra"),
    ("bop", "вор"),
    ("pot", "рот"),
    ("ham", "нам там"),
    ("мой", "мои"),
    ("cặc", "các"),
    ("か", "が"),
    ("は", "ば"),
    ("कम", "कमी"),
    ("कल", "काल किला"),
    ("ก", "กิ"),
    ("ยา", "ย่า"),
    ("카지노", "온카지노 카지논"),
    ("赌博", "赌,博"),
    ("赌博", "赌\n\n博"),
    ("привет", "приветик"),
    ("c++", "c+"),
    ("बार", "बारिश"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("word", "text"), CAUGHT, ids=ascii)
def test_a_word_is_found_however_it_is_written(word: str, text: str) -> None:
    assert is_caught(word, text)


@pytest.mark.unit
@pytest.mark.parametrize(("word", "text"), INNOCENT, ids=ascii)
def test_another_word_is_left_alone(word: str, text: str) -> None:
    assert not is_caught(word, text)


def everywhere(added: str) -> Callable[[str], str]:
    return lambda letter: letter + added


def in_look(first: int) -> Callable[[str], str]:
    """The letters as a mathematical alphabet has them, whose letter A is at *first*."""
    return lambda letter: chr(first + (ord(letter) - ord("a") if letter.islower() else 26))


disguises = st.one_of(
    st.sampled_from(INVISIBLE).map(everywhere),
    st.sampled_from(MARKS).map(everywhere),
    st.sampled_from([0x1D41A, 0x1D482, 0x1D4EA, 0x1D586, 0x1D5EE, 0x1D68A, 0x24D0, 0xFF41]).map(in_look),
    st.just(lambda letter: LIKE_LATIN.get(letter, letter)),
    st.just(str.upper),
    st.just(lambda letter: LIKE_CAPITALS.get(letter, letter)),
    st.just(str),
)
ascii_words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)


@pytest.mark.unit
@given(
    ascii_words,
    st.lists(disguises, min_size=3, max_size=3),
    st.sampled_from(["{}", "今{}を", "a {}!", "«{}»"]),
)
def test_no_disguise_of_a_word_helps(word: str, disguise: list[Callable[[str], str]], around: str) -> None:
    written = "".join(dress(letter) for dress, letter in zip(cycle(disguise), word, strict=False))

    assert is_caught(word, around.format(written))


@pytest.mark.unit
@given(ascii_words, ascii_words, st.sampled_from(INVISIBLE + MARKS))
def test_no_word_is_taken_for_another(word: str, other: str, added: str) -> None:
    assert is_caught(word, other) == (word == other)
    assert not is_caught(word, word + added + "x")
    assert not is_caught(word, "x" + added + word)


@pytest.mark.unit
@given(st.text(min_size=1, max_size=20))
def test_what_is_seen_is_found_where_it_stands_alone(word: str) -> None:
    if Passage(word.strip()).pieces:
        assert is_caught(word, word)
        assert is_caught(word, f" {word.strip()} ")


@pytest.mark.unit
@given(st.text(max_size=20), st.text(max_size=200))
def test_looking_never_fails(word: str, text: str) -> None:
    is_caught(word, text)
    with_parents(mentioned(text))
    domain(word)


NAMED = [
    ("spam.example", "See spam.example.", True),
    ("spam.example", "SPAM.example/win?x", True),
    ("spam.example", "sub.spam.example:443", True),
    ("spam.example", "spam。example", True),
    ("spam.example", "ｓｐａｍ．ｅｘａｍｐｌｅ", True),
    ("spam.example", "spam\u200b.exam\u00adple", True),
    ("spam.example", "请访问spam.example看看", True),
    ("spam.example", "我看了spam.example。然后", True),
    ("spam.example", "bo@spam.example", True),
    ("赌博.example", "请访问赌博.example", True),
    ("bücher.example", "bei BÜCHER.example", True),
    ("bücher.example", "xn--bcher-kva.example", True),
    ("xn--bcher-kva.example", "bücher.example", True),
    ("spam.example", "notspam.example", False),
    ("spam.example", "not-spam.example", False),
    ("spam.example", "spam.example.org", False),
    ("spam.example", "spam.examples", False),
    ("spam.example", "spam. example", False),
    ("spam.example", "good.example/spam.example", False),
    ("spam.example", "https://good.example/?to=https://spam.example/", False),
    ("spam.example", "spåm.example", False),
    ("example", "This example.", False),
]


@pytest.mark.unit
@pytest.mark.parametrize(("blocked", "text", "is_named"), NAMED, ids=ascii)
def test_a_host_is_found_in_plain_text(blocked: str, text: str, is_named: bool) -> None:
    assert (domain(blocked) in with_parents(mentioned(text))) is is_named


@pytest.mark.unit
@pytest.mark.parametrize(
    "text",
    ["v" * 10_000, "v." * 5_000, "a\u0301" * 5_000, "赌" * 10_000, "赌." * 5_000, "v赌" * 5_000, "v赌." * 3_333,
     "a。" * 5_000, "cafe " * 2_000, "카" * 10_000, "\u200b" * 10_000, "é" + "\u0301" * 2_000, "xn--" * 2_500, "v@v." * 2_500],
    ids=lambda text: ascii(text[:12]),
)  # fmt: skip
def test_a_thousand_blocks_cost_little_whatever_is_written(text: str) -> None:
    blocked = Words(
        [f"café{number}" for number in range(500)]
        + [f"赌{chr(0x4E00 + number)}" for number in range(499)]
        + ["cafè"]
    )
    Passage(text)

    began = time.process_time()
    blocked.found_in(Passage(text))
    with_parents(mentioned(text))

    assert time.process_time() - began < 0.15  # a tenth of that on a quiet machine
