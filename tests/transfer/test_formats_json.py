"""What the formats in JSON, YAML and SQLite give for small exports of our own."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from commentsvc.transfer import ForeignComment, ForeignThread
from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.formats.fields import markup
from commentsvc.transfer.readers import json as json_reader
from commentsvc.transfer.readers import texts
from commentsvc.transfer.sources import Source, opened
from tests.transfer.counting_json import counted
from tests.transfer.formats_json import FORMATS

pytestmark = pytest.mark.unit

DATA = Path(__file__).parent / "data"
HEAD_BYTES = 64 * 1024

Record = ForeignThread | ForeignComment

# File, format, threads as (key, link, title, closed), comments as (key, thread, parent, state, name, address, markup, time)
EXPORTS: dict[str, tuple[str, list[tuple[Any, ...]], list[tuple[Any, ...]]]] = {
    "isso.sql": (
        "isso",
        [("1", "/tea/", "Tea", False), ("2", "/cups/", None, False), ("3", "/nobody/", "Nobody wrote", False)],
        [
            ("1", "1", None, "approved", "Ada & Bo", "ada@mail.example", "markdown", 1500000000.25),
            ("2", "1", "1", "pending", "Bo", None, "html", 1500000060),
            ("3", "1", "1", "deleted", "", None, "markdown", 1500000090),
            ("4", "2", "1", "approved", "", None, "markdown", 1500000099),
            ("5", "2", "77", "approved", "Cy", "cy@mail.example", "markdown", 1500000099),
            ("6", "9", None, "approved", "Cy", "cy@mail.example", "markdown", 1500000099),
        ],
    ),
    "waline.sql": (
        "waline-db",
        [("/tea/", "/tea/", None, False), ("/cups/", "/cups/", None, False), ("null", None, None, False)],
        [
            ("1", "/tea/", None, "approved", "Ada", "ada@mail.example", "markdown", "2023-03-01 10:00:00"),
            ("2", "/tea/", "1", "pending", "Bo", None, "html", "2023-03-02 10:00:00"),
            ("3", "/cups/", "1", "spam", "", None, "markdown", "2023-03-03 10:00:00"),
            ("4", "null", None, "approved", "Cy", None, "markdown", "2023-03-03 10:00:00"),
        ],
    ),
    "isso.json": (
        "isso-json",
        [("/tea/", "/tea/", "Tea", False), ("/cups/", "/cups/", None, False)],
        [
            ("0", "/tea/", None, "approved", "Ada", "ada@mail.example", "markdown", "2005-02-24 04:03:37"),
            ("0#2", "/tea/", None, "approved", "", None, "markdown", "2005-02-25 04:03:37"),
        ],
    ),
    "commento.json": (
        "commento",
        [
            ("blog.example /tea/", "/tea/", None, False),
            ("www.blog.example /tea/", "/tea/", None, False),
        ],
        [
            (
                "a1", "blog.example /tea/", None, "approved", "Ada", "ada@mail.example", "markdown",
                "2021-03-12T11:21:56.807555Z",
            ),
            ("a2", "blog.example /tea/", "a1", "pending", "", None, "markdown", "2021-03-12T11:22:56Z"),
            ("a3", "blog.example /tea/", "a1", "spam", "Bo", "undefined", "markdown", "2021-03-12T11:23:56Z"),
            ("a4", "www.blog.example /tea/", None, "deleted", "", None, "markdown", "2021-03-12T11:24:56Z"),
            ("record 6", None, None, "approved", "", None, "html", None),
        ],
    ),
    "comentario.json": (
        "comentario",
        [("p1", "/tea/", "Tea", True), ("p2", "/cups/", None, False)],
        [
            ("a1", "p1", None, "approved", "Ada", "ada@mail.example", "markdown", "2023-01-02T03:04:05.678Z"),
            ("a2", "p1", "a1", "pending", "Guest", None, "markdown", "2023-01-02T03:05:05Z"),
            ("a3", "p1", "a1", "spam", "", None, "markdown", "2023-01-02T03:07:05Z"),
            ("a4", "p1", None, "deleted", "Ada", "ada@mail.example", "markdown", "2023-01-02T03:08:05Z"),
        ],
    ),
    "remark42.jsonl": (
        "remark42",
        [("blog https://blog.example/tea", "https://blog.example/tea", "Tea", True)],
        [
            (
                "r1", "blog https://blog.example/tea", None, "approved", "Ada & Bo", None, "markdown",
                "2017-12-20T15:18:22-06:00",
            ),
            (
                "r2", "blog https://blog.example/tea", "r1", "approved", "", None, "html",
                "2017-12-20T15:18:23.123456789-06:00",
            ),
            (
                "r3", "blog https://blog.example/tea", "r2", "deleted", "Cy", None, "html",
                "2017-12-20T15:18:24-06:00",
            ),
            ("record 5", None, None, "approved", "", None, "html", None),
        ],
    ),
    "remark42_tree.json": (
        "remark42",
        [("blog https://blog.example/tea", "https://blog.example/tea", None, False)],
        [
            ("t1", "blog https://blog.example/tea", None, "approved", "Ada", None, "html", "2017-12-25T19:46:01Z"),
            ("t2", "blog https://blog.example/tea", "t1", "approved", "Bo", None, "html", "2017-12-25T19:47:01Z"),
            ("t3", "blog https://blog.example/tea", "t2", "deleted", "", None, "html", "2017-12-25T19:48:01Z"),
            ("t4", "blog https://blog.example/tea", "t1", "approved", "Cy", None, "html", "2017-12-25T19:49:01Z"),
        ],
    ),
    "comments.artrans": (
        "artrans",
        [("Blog /tea/", "/tea/", "Tea", False), ("/tea/", "/tea/", None, False)],
        [
            (
                "1", "Blog /tea/", None, "approved", "Ada", "ada@mail.example", "markdown",
                "2014-09-14 11:59:00 +0000",
            ),
            ("2", "Blog /tea/", "1", "pending", "", None, "html", "2022-04-09T09:28:47.000Z"),
            ("3", "/tea/", None, "approved", "Cy", None, "markdown", "2022-04-09T09:28:47.000Z"),
        ],
    ),
    "artalk.yml": (
        "artalk",
        [("Blog /tea/", "/tea/", None, False), ("Blog /cups/", "/cups/", None, False)],
        [
            ("1", "Blog /tea/", None, "approved", "", None, "markdown", "2022-04-29 14:44:04"),
            ("2", "Blog /tea/", "1", "pending", "", None, "markdown", "2022-04-29 14:45:04"),
            ("3", "Blog /cups/", "99", "deleted", "", None, "markdown", "2022-04-29 14:46:04"),
        ],
    ),
    "valine.json": (
        "valine",
        [("/tea/", "/tea/", None, False), ("/cups/", "/cups/", None, False)],
        [
            ("v1", "/tea/", None, "approved", "Ada", "ada@mail.example", "html", "2020-10-26T13:00:38.196Z"),
            ("v2", "/tea/", "v1", "pending", "Anonymous", None, "html", "2021-10-26T13:03:42.856Z"),
            ("v3", "/cups/", "v9", "spam", "", None, "html", "2021-10-26T13:03:42.856Z"),
        ],
    ),
    "valine.jsonl": (
        "valine",
        [("/tea/", "/tea/", None, False)],
        [
            ("v1", "/tea/", None, "approved", "Ada", "ada@mail.example", "html", "2021-10-26T13:00:41.284Z"),
            ("v2", "/tea/", "v1", "approved", "Bo", None, "html", "2021-10-26T13:01:41.284Z"),
        ],
    ),
    "waline.json": (
        "waline",
        [("/tea/", "/tea/", None, False), ("/cups/", "/cups/", None, False)],
        [
            ("w1", "/tea/", None, "approved", "Ada", "ada@mail.example", "markdown", "2014-09-14T11:59:00Z"),
            ("2", "/tea/", "w1", "pending", "Bo", None, "html", "2014-09-15T11:59:00Z"),
            ("3", "/cups/", "2", "spam", "", None, "markdown", "2014-09-15T11:59:00Z"),
        ],
    ),
    "twikoo.jsonl": (
        "twikoo",
        [("/tea/", "/tea/", None, False)],
        [
            ("k1", "/tea/", None, "approved", "Ada", "ada@mail.example", "html", 1612421386000),
            ('{"$oid": "5f0000000000000000000001"}', "/tea/", "k1", "approved", "Bo", None, "html", 1612422101000),
            (
                "k3", "/tea/", '{"$oid": "5f0000000000000000000001"}', "spam", "", None, "html",
                "2021-02-04T07:01:41Z",
            ),
        ],
    ),
    "discourse.json": (
        "discourse",
        [("57", "57", "Tea", True)],
        [
            ("57:1", "57", None, "approved", "Ada Example", None, "html", "2013-02-04T15:26:26.278-05:00"),
            ("57:2", "57", "57:1", "pending", "bo", None, "html", "2013-02-04T16:26:26.278-05:00"),
            ("57:3", "57", None, "approved", "cy", None, "html", "2013-02-04T17:26:26.278-05:00"),
            ("57:5", "57", "57:4", "deleted", "", None, "html", "2013-02-04T18:26:26.278-05:00"),
        ],
    ),
    "staticman": (
        "staticman",
        [("cups", "cups", None, False), ("tea", "tea", None, False)],
        [
            ("s3", "cups", None, "approved", "Cy", None, "markdown", "2017-05-11"),
            ("s4", "cups", None, "approved", "Di", None, "markdown", "2017-05-11T12:09:22Z"),
            ("record 3", "cups", None, "approved", "", None, "html", None),
            (
                "s1", "tea", None, "approved", "Ada", "1ce71bc10b86565464b612093d89707e", "markdown",
                "2017-05-11T12:09:22.946Z",
            ),
            ("s2", "tea", "s1", "approved", "", None, "markdown", 1494504562),
        ],
    ),
}  # fmt: skip


class Told(list[tuple[str, int | None]]):
    """What a reader altered."""

    def __call__(self, what: str, line: int | None, reason: str) -> None:
        """Keep it."""
        self.append((what, line))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def source(tmp_path: Path, told: Told) -> Callable[..., Source]:
    """Make an export of what is given: bytes, or a file of `data`."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def make(content: bytes | str, name: str = "export", keep_going: bool = False) -> Source:
        place = tmp_path / name
        if isinstance(content, bytes):
            place.write_bytes(content)
        elif content.endswith(".sql"):
            place.unlink(missing_ok=True)
            _database(place, (DATA / content).read_text())
        else:
            place = DATA / content
        return opened(place, keep_going, told, scratch)

    return make


def _database(place: Path, script: str) -> None:
    with closing(sqlite3.connect(place)) as database:
        database.executescript(script)


def _detected(source: Source) -> list[str]:
    name, first = next(source.files())
    with first.open() as stream:
        head = stream.read(HEAD_BYTES)
    return [one.name for one in FORMATS.values() if one.detect(head, name)]


def _threads(records: list[Record]) -> list[tuple[Any, ...]]:
    return [(one.key, one.link, one.title, one.closed) for one in records if isinstance(one, ForeignThread)]


def _comments(records: list[Record]) -> list[tuple[Any, ...]]:
    return [
        (one.key, one.thread, one.parent, one.state, one.name, one.email, one.markup, one.posted_at)
        for one in records
        if isinstance(one, ForeignComment)
    ]


@pytest.mark.parametrize("file", EXPORTS)
def test_what_an_export_holds(file: str, source: Callable[..., Source]) -> None:
    name, threads, comments = EXPORTS[file]
    export = source(file)
    assert _detected(export) == [name]
    records = list(FORMATS[name].read(export))
    assert _threads(records) == threads
    assert _comments(records) == comments


@pytest.mark.parametrize(
    "file", [file for file in EXPORTS if file.endswith(("json", "jsonl", "yml", "artrans"))]
)
def test_wherever_a_part_of_a_file_ends(
    file: str, source: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, threads, comments = EXPORTS[file]
    for encoding in ("utf-8-sig", "utf-16"):
        for size in (3, 64):
            monkeypatch.setattr(json_reader, "CHUNK_BYTES", size)
            monkeypatch.setattr(texts, "CHUNK_BYTES", size)
            export = source((DATA / file).read_text().encode(encoding), file)
            records = list(FORMATS[name].read(export))
            assert (_threads(records), _comments(records)) == (threads, comments)
            assert _detected(export) == [name]


@pytest.mark.parametrize("file", [file for file in EXPORTS if not file.endswith((".sql", "staticman"))])
def test_a_head_may_end_anywhere(file: str) -> None:
    content = (DATA / file).read_bytes().replace(b"good", b"[good] {one")
    for end in range(1, len(content)):
        found = {one.name for one in FORMATS.values() if one.detect(content[:end], "export")}
        assert found <= {EXPORTS[file][0]}, content[:end]
        assert json_reader.outline(content[:end]) <= json_reader.outline(content)


def test_fields_beside_the_key(source: Callable[..., Source]) -> None:
    comments = {
        one.key: one for one in FORMATS["isso"].read(source("isso.sql")) if isinstance(one, ForeignComment)
    }
    assert comments["1"].url == "https://ada.example/?a=1&b=2"
    assert (comments["3"].anonymous, comments["2"].anonymous) == (True, False)
    assert comments["2"].edited_at == 1500000120
    *_, nowhere = FORMATS["waline-db"].read(source("waline.sql"))
    assert isinstance(nowhere, ForeignComment)
    assert nowhere.anonymous is False
    page = next(one for one in FORMATS["waline-db"].read(source("waline.sql")) if one.key == "null")
    assert isinstance(page, ForeignThread)
    assert page.article == "", "it names no article, and its key is no name for one"


def test_counts(source: Callable[..., Source]) -> None:
    found = counted(FORMATS["isso"].read(source("isso.sql")))
    assert (found["threads"], found["comments"], found["orphans"]) == (3, 6, 1)
    assert (found["cross_thread_parents"], found["max_depth"], found["empty_body"]) == (1, 2, 1)
    artalk = FORMATS["artalk"]
    assert counted(artalk.read(source("artalk.yml")), artalk.knows)["no_email"] is None


def test_long_records(source: Callable[..., Source], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_reader, "CHUNK_BYTES", 100)
    monkeypatch.setattr(texts, "CHUNK_BYTES", 100)
    long = _commento('{"commentHex":"a","url":"/","markdown":"' + "x" * 5000 + '"}')
    assert len(list(FORMATS["commento"].read(source(long)))) == 2
    early = long.replace(b'"url":', b'"url"')
    with pytest.raises(Unreadable, match="delimiter"):
        list(FORMATS["commento"].read(source(early)))
    monkeypatch.setattr(json_reader, "RECORD_CHARACTERS", 1000)
    with pytest.raises(Unreadable, match="too long"):
        list(FORMATS["commento"].read(source(long)))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A *good* one", "markdown"),
        ("1 < 2 and 3 > 2", "markdown"),
        ("<p>Brought from elsewhere</p>", "html"),
        ('See <a href="https://blog.example">there</a>.\nAnd so on', "html"),
        ("One<br>two", "html"),
        ("Type `<br>` for a line", "markdown"),
        ("> <b>quoted</b>\n\nYes", "markdown"),
        ("    <a href=code>", "markdown"),
        ("<https://blog.example>", "markdown"),
        ("<pan>", "markdown"),
    ],
)
def test_markup_of_systems_with_both(text: str, kind: str) -> None:
    assert markup(text) == kind


# What is broken


def _commento(comment: str) -> bytes:
    return ('{"version":1,"comments":[' + comment + '],"commenters":[]}').encode()


BROKEN_JSON = {
    "nothing": b"",
    "truncated": (DATA / "commento.json").read_bytes()[:900],
    "no JSON": b"<html></html>",
    "digits": _commento('{"commentHex":"a","score":' + "9" * 5000 + "}"),
    "depth": b"[" * 200_000,
    "depth of objects": b'{"comments":[' + b'{"a":' * 200_000,
    "no text": _commento('{"commentHex":"a","markdown":"\udcff"}'.replace("\udcff", "X")).replace(b"X", b"\xff"),
    "a name that is none": b'{1: 2}',
    "no colon": b'{"comments" []}',
    "no comma": b'{"comments": [] "commenters": []}',
}  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in BROKEN_JSON if kind != "nothing"])
def test_json_that_cannot_be_read(kind: str, source: Callable[..., Source]) -> None:
    with pytest.raises(Unreadable, match="export") as fault:
        list(FORMATS["commento"].read(source(BROKEN_JSON[kind])))
    assert fault.value.line or fault.value.byte
    list(FORMATS["commento"].read(source(BROKEN_JSON[kind], keep_going=True)))


def test_depth(source: Callable[..., Source]) -> None:
    for depth in (400, 499):
        nested = b"[" * depth + b"]" * depth
        assert len(list(FORMATS["twikoo"].read(source(b'{"_id":' + nested + b"}")))) == 2
    for depth in (500, *range(900, 1010, 3), 100_000):
        for before, after in ((b"[", b"]"), (b'{"a":', b"}")):
            nested = before * depth + (b"1" if before != b"[" else b"") + after * depth
            with pytest.raises(Unreadable, match="too deeply"):
                list(FORMATS["twikoo"].read(source(b'{"_id":' + nested + b"}")))


def test_what_can_be_read_of_a_torn_file(source: Callable[..., Source], told: Told) -> None:
    torn = source(BROKEN_JSON["truncated"], keep_going=True)
    records = list(FORMATS["commento"].read(torn))
    assert [one.key for one in records if isinstance(one, ForeignComment)] == ["a1", "a2", "a3", "record 5"]
    lines = (DATA / "remark42.jsonl").read_bytes().splitlines(keepends=True)
    broken = [
        lines[0],
        lines[1],
        b'{"id": "r9", broken\n',
        lines[-1].replace(b'"user"', b'"locator":{"url":"/a"},"user"'),
    ]
    with pytest.raises(Unreadable, match="line 3"):
        list(FORMATS["remark42"].read(source(b"".join(broken))))
    records = list(FORMATS["remark42"].read(source(b"".join(broken), keep_going=True)))
    comments = [one for one in records if isinstance(one, ForeignComment)]
    assert [(one.key, bool(one.malformed)) for one in comments] == [
        ("r1", False),
        ("record 3", True),
        ("r4", False),
    ]
    replaced = list(FORMATS["commento"].read(source(BROKEN_JSON["no text"], keep_going=True)))
    assert isinstance(replaced[-1], ForeignComment)
    assert replaced[-1].text == "\N{REPLACEMENT CHARACTER}"
    assert told == [("encoding", None)]


def test_what_python_writes_is_read(source: Callable[..., Source]) -> None:
    comment = {"commentHex": "a", "url": "/", "markdown": "half \ud83d, NUL \0", "score": float("nan")}
    export = _commento(json.dumps(comment).replace("half", "a\nhalf"))
    *_, read = FORMATS["commento"].read(source(export))
    assert isinstance(read, ForeignComment)
    assert read.text == "a\nhalf \ud83d, NUL \0", "who stores it replaces and tells it"


def test_each_record_that_is_none_is_counted(source: Callable[..., Source]) -> None:
    for name, content in (
        ("artrans", [1, 2, "", None]),
        ("isso-json", [{"id": "/", "comments": [1, 2]}, 3, 4]),
        ("discourse", [{"post_stream": {"posts": [1, 2]}}, 3, 4]),
        ("remark42", {"comments": [{"comment": 1, "replies": [2, 3]}, 4]}),
        ("commento", {"comments": [1, 2, [], ""], "commenters": []}),
    ):
        found = counted(FORMATS[name].read(source(json.dumps(content).encode())))
        assert (found["comments"], found["duplicate_ids"]) == (4, 0), name


def test_a_backup_begins_with_its_version(source: Callable[..., Source]) -> None:
    without = b"".join((DATA / "remark42.jsonl").read_bytes().splitlines(keepends=True)[1:])
    with pytest.raises(Unreadable, match="version"):
        list(FORMATS["remark42"].read(source(without)))


def test_records_of_any_shape(source: Callable[..., Source]) -> None:
    shapes: list[Any] = [None, 1, "a", [], {}, {"a": None}, [1], [None], [{}], [[]], {"comments": [{}, None]}]
    shapes += [
        {"comments": 1},
        {"pages": [{}], "comments": [[]]},
        {"data": {"Comment": [{}, 3]}},
        {"results": 1},
    ]
    shapes += [
        [{"comments": [{}, 5]}],
        [{"comments": {}}],
        {"post_stream": {"posts": [1, {}]}},
        {"locator": {}},
    ]
    shapes += [
        {"version": 1},
        {"comments": [{"comment": {"locator": {"url": 1}, "user": 1}, "replies": [1]}]},
    ]
    for shape in shapes:
        for one in FORMATS.values():
            if one.name not in ("isso", "waline-db"):
                for export in (
                    source(json.dumps(shape).encode()),
                    source(json.dumps(shape).encode(), keep_going=True),
                ):
                    _read(one.read(export))


def _read(records: Iterator[Record]) -> None:
    try:
        counted(records)
    except Unreadable as why:
        assert why.file  # noqa: PT017 - some shapes may be read, others not


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"
BROKEN_YAML = {
    "an alias": f"- page_key: /tea/\n  x:\n    {BOMB.replace(chr(10), chr(10) + '    ')}\n",
    "depth": "- page_key: " + "[" * 100 + "]" * 100,
    "a text without its end": '- page_key: "abc\n',
    "a tab": "- page_key: /a\n\tb: 1\n",
}


@pytest.mark.parametrize("kind", BROKEN_YAML)
def test_yaml_that_is_refused(kind: str, source: Callable[..., Source]) -> None:
    with pytest.raises(Unreadable, match="line"):
        list(FORMATS["artalk"].read(source(BROKEN_YAML[kind].encode())))
    *_, last = FORMATS["artalk"].read(source(BROKEN_YAML[kind].encode(), keep_going=True))
    assert isinstance(last, ForeignComment)
    assert last.malformed


def test_yaml_gives_texts_alone(source: Callable[..., Source], told: Told) -> None:
    export = (
        b'- id: !!python/object/apply:os.system ["exit"]\n  page_key: !!binary aGk=\n  content: "a\x07b"\n'
    )
    records = list(FORMATS["artalk"].read(source(export)))
    assert _threads(records) == [("aGk=", "aGk=", None, False)]
    assert isinstance(records[1], ForeignComment)
    assert (records[1].key, records[1].text) == ('["exit"]', "a\N{REPLACEMENT CHARACTER}b")
    assert told == [("characters", None)]


# Databases


def test_databases_that_cannot_be_read(source: Callable[..., Source], tmp_path: Path) -> None:
    isso = FORMATS["isso"]
    with pytest.raises(Unreadable, match="no database"):
        list(isso.read(source(b"text")))
    with pytest.raises(Unreadable, match="not a database"):
        list(isso.read(source(b"SQLite format 3\0" + b"\xff" * 4000)))
    with pytest.raises(Unreadable, match="no table threads"):
        list(isso.read(source("waline.sql", "waline.db")))
    _database(tmp_path / "few.db", "CREATE TABLE threads (id, uri); CREATE TABLE comments (id, tid)")
    with pytest.raises(Unreadable, match="no column parent, mode"):
        list(isso.read(source((tmp_path / "few.db").read_bytes())))


def test_nothing_of_a_database_is_run(source: Callable[..., Source], tmp_path: Path) -> None:
    view = "CREATE VIEW threads AS SELECT 1 AS id, readfile('/etc/passwd') AS uri; CREATE TABLE comments (id, tid)"
    _database(tmp_path / "view.db", view)
    with pytest.raises(Unreadable, match="no table threads"):
        list(FORMATS["isso"].read(source((tmp_path / "view.db").read_bytes())))


def test_a_damaged_database(source: Callable[..., Source], tmp_path: Path) -> None:
    many = "".join(
        f"INSERT INTO comments (tid, id, created, mode, text, voters) VALUES (1, {n}, 1, 1, '{'x' * 500}', '');"
        for n in range(10, 200)
    )
    place = tmp_path / "isso.db"
    _database(place, (DATA / "isso.sql").read_text() + many)
    whole = place.read_bytes()
    pages = len(whole) // 4096
    damaged = whole[: 4096 * (pages - 4)] + b"\xff" * 4096 + whole[4096 * (pages - 3) :]
    with pytest.raises(Unreadable, match="cannot be read: database disk image is malformed"):
        list(FORMATS["isso"].read(source(damaged)))
    records = list(FORMATS["isso"].read(source(damaged, keep_going=True)))
    assert isinstance(records[-1], ForeignComment)
    assert records[-1].malformed
    assert len(records) > 50


def test_a_database_with_a_log_beside_it(source: Callable[..., Source], tmp_path: Path) -> None:
    place = tmp_path / "isso.db"
    with closing(sqlite3.connect(place)) as writing:
        writing.execute("PRAGMA journal_mode = WAL")
        writing.executescript((DATA / "isso.sql").read_text())
        beside = opened(place, False, lambda what, line, reason: None, tmp_path)
        assert counted(FORMATS["isso"].read(beside))["comments"] == 6, "also what is in the log alone"
    alone = source(place.read_bytes(), "alone.db")
    assert counted(FORMATS["isso"].read(alone))["comments"] == 6
    assert not (tmp_path / "alone.db-wal").exists()


def test_texts_of_a_database_that_are_none(source: Callable[..., Source], told: Told, tmp_path: Path) -> None:
    place = tmp_path / "isso.db"
    _database(place, (DATA / "isso.sql").read_text() + "UPDATE comments SET text = CAST(x'61ff' AS TEXT)")
    comments = [
        one for one in FORMATS["isso"].read(source(place.read_bytes())) if isinstance(one, ForeignComment)
    ]
    assert {one.text for one in comments} == {"a\N{REPLACEMENT CHARACTER}"}
    assert told == [("encoding", None)]


def test_what_is_packed_and_torn(source: Callable[..., Source]) -> None:
    lines = (DATA / "remark42.jsonl").read_bytes() * 2
    yaml = (DATA / "artalk.yml").read_bytes() * 400
    for name, content in (("remark42", lines), ("artalk", yaml), ("staticman", lines)):
        torn = gzip.compress(content)[:-20]
        if name != "staticman":  # a file for each comment: the others come
            with pytest.raises(Unreadable, match="cannot be unpacked"):
                list(FORMATS[name].read(source(torn)))
        *_, last = FORMATS[name].read(source(torn, keep_going=True))
        assert isinstance(last, ForeignComment)
        assert last.malformed


def test_exports_without_comments(source: Callable[..., Source]) -> None:
    for name, content in (
        ("commento", b'{"version":1,"comments":null,"commenters":null}'),
        ("comentario", b'{"version":3,"pages":null,"comments":null,"commenters":[]}'),
        ("remark42", b'{"version":1,"users":null,"posts":[]}\n'),
        ("valine", b'{"results":[]}'),
        ("waline", b'{"type":"waline","tables":[],"data":{}}'),
    ):
        export = source(content)
        assert _detected(export) == [name]
        assert list(FORMATS[name].read(export)) == []


def test_a_folder_of_topics(source: Callable[..., Source], tmp_path: Path) -> None:
    folder = tmp_path / "topics"
    folder.mkdir()
    for number in (1, 2):
        posts = [
            {"topic_id": 1 + number // 2, "post_number": number, "username": "ada", "cooked": "<p>Hi</p>"}
        ]
        (folder / f"{number}.json").write_text(json.dumps({"post_stream": {"posts": posts}, "id": 1}))
    export = opened(folder, False, lambda what, line, reason: None, tmp_path)
    assert _detected(export) == ["discourse"]
    assert counted(FORMATS["discourse"].read(export))["threads"] == 2


def test_the_documented_format(source: Callable[..., Source]) -> None:
    page = (DATA.parents[2] / "docs" / "import-formats.md").read_text()
    names: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102 (the example of the page)
    guestbook = names["Guestbook"]()
    export = source(b'{"guestbook": "/guests/"}\n{"name": "Ada", "text": "Hello", "at": "2020-01-01"}\n')
    assert _detected(export) == []
    with export.open() as stream:
        assert guestbook.detect(stream.read(), "export")
    records = list(guestbook.read(export))
    assert _threads(records) == [("guests", "/guests/", None, False)]
    assert _comments(records) == [("2", "guests", None, "approved", "Ada", None, "text", "2020-01-01")]


def test_all_formats_are_documented() -> None:
    page = (DATA.parents[2] / "docs" / "import-formats.md").read_text()
    offered = tomllib.loads((DATA.parents[2] / "pyproject.toml").read_text())["project"]["entry-points"]
    for name in offered["commentsvc.formats"]:
        assert f"| `{name}` |" in page or name == "commentsvc"
