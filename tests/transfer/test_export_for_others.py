"""Exports for other programs and for people: WXR for WordPress, CSV, and HTML for archives and static sites."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from commentsvc.cli.commands import main
from commentsvc.transfer.exporting.folder import file_name
from tests.conftest import MakeService
from tests.running_service import InProcess
from tests.transfer.everything import EMAILS, fill

WP = "{http://wordpress.org/export/1.2/}"
HOSTILE = (
    "Look: {{ site.title }} {% include secret %} {# no #} </script><script>alert(1)</script> <!-- ]]> &amp;"
)


def test_wordpress_takes_it_by_the_rules_of_its_importer(service: InProcess, tmp_path: Path) -> None:
    ids = fill(service)
    service.reader(name="A & B <C>").comment("news/1", HOSTILE)
    file = tmp_path / "comments.xml"

    service.run("export", str(file), "--format", "wxr")

    text = file.read_text()
    channel = etree.parse(file).getroot().find("channel")
    assert re.fullmatch(r"\d+\.\d+", channel.findtext(f"{WP}wxr_version"))
    assert channel.find(f"{WP}base_site_url") is not None
    assert re.search("^<wp:author>.*</wp:author>$", text, re.MULTILINE), "the regex parser reads it by lines"
    assert not re.search(r"<wp:comment_(author|content)[^>]*>(?!<!\[CDATA\[)", text), (
        "the regex parser unescapes nothing"
    )
    items = channel.findall("item")
    assert [item.findtext("link") for item in items] == ["=news/2", "news/1", "planned"]
    assert [item.findtext("title") for item in items] == ["Kites & more", "news/1", "Nothing yet"]
    assert [item.findtext(f"{WP}comment_status") for item in items] == ["closed", "open", "open"]
    states = set()
    for item in items:
        assert int(item.findtext(f"{WP}post_id")) > 0
        assert item.findtext(f"{WP}post_type") == "post"
        inserted = {"0"}
        comments = sorted(item.findall(f"{WP}comment"), key=lambda one: int(one.findtext(f"{WP}comment_id")))
        for comment in comments:  # which it brings in by their numbers: others lose what they answer
            assert comment.findtext(f"{WP}comment_parent") in inserted
            inserted.add(comment.findtext(f"{WP}comment_id"))
            assert re.fullmatch(r"\d{4}(-\d\d){2} \d\d(:\d\d){2}", comment.findtext(f"{WP}comment_date_gmt"))
            states.add(comment.findtext(f"{WP}comment_approved"))
    assert states == {"1", "0", "spam", "trash"}
    emails = {one.text for one in channel.iter(f"{WP}comment_author_email")}
    assert emails == {EMAILS[0], EMAILS[1], ""}
    names = {one.text for one in channel.iter(f"{WP}comment_author")}
    assert "A &amp; B &lt;C&gt;" in names, "as WordPress stores it"
    assert "█████" in text
    assert "12345" not in text, "what is blacked out is public nowhere"
    assert ids


def test_a_table_for_people_holds_no_formula(service: InProcess, tmp_path: Path) -> None:
    fill(service)
    service.reader(name="+1 Person").comment("news/1", "=HYPERLINK(1)")
    file = tmp_path / "comments.csv"

    service.run("export", str(file), "--format", "csv")

    with file.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len({row["comment"] for row in rows})
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {"'=HYPERLINK(1)", "'+1 Person", "'=news/2", EMAILS[0]} < set(cells)
    assert {row["state"] for row in rows} == {"approved", "pending", "spam", "trash", "erased"}


class Parts(HTMLParser):
    """What a file of HTML has that machines read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.scripts: list[str] = []
        self.hrefs: list[str] = []
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._in_script = tag == "script"
        if tag == "article":
            self.ids.append(str(found["data-id"]))
        if tag == "a":
            self.hrefs.append(str(found["href"]))

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)


def test_the_files_of_html_hold_what_the_public_sees(service: InProcess, tmp_path: Path) -> None:
    fill(service)
    reader = service.reader()
    reader.comment("news/1", HOSTILE)
    folder = tmp_path / "html"

    service.run("export", str(folder), "--format", "html")

    index = json.loads((folder / "index.json").read_text())
    assert sorted(index) == ["=news/2", "news/1", "old"], "a thread without comments has no file"
    assert index["old"] in {index["=news/2"], index["news/1"]}, (
        "a page that names its older ID has its discussion"
    )
    assert {file.name for file in folder.iterdir()} == {*index.values(), "index.json"}
    text = (folder / index["news/1"]).read_text()
    parts = Parts(text)
    shown = reader.thread("news/1", limit="100")["comments"]
    assert parts.ids == [comment["id"] for comment in shown]
    assert not re.search(r"\{[{%#]", text), "no generator finds a command in it"
    assert not [word for word in (*EMAILS, "12345", "To become") if word in text]
    assert all(link.startswith("#comment-") for link in parts.hrefs if "ada.example" not in link)
    [described] = map(json.loads, parts.scripts)
    assert (described["@type"], described["commentCount"]) == ("DiscussionForumPosting", 14)
    assert described["comment"][0]["author"] == {
        "@type": "Person",
        "name": "Ada Sample",
        "url": "https://ada.example/",
    }
    assert HOSTILE.partition(" &amp;")[0] in described["comment"][-1]["text"]


def test_since_a_day_what_was_taken_back_is_gone_too(service: InProcess, tmp_path: Path) -> None:
    service.reader().comment("green", "Written here.")
    export = Path(__file__).parent / "data" / "isso.json"
    number = json.loads(service.run("import", str(export), "--json"))["import"]
    folder = tmp_path / "html"
    service.run("export", str(folder), "--format", "html")
    assert len(json.loads((folder / "index.json").read_text())) > 1
    service.clock.move(days=2)
    since = (service.clock.now - timedelta(days=1)).isoformat()

    service.run("imports", "undo", str(number))
    service.run("export", str(folder), "--format", "html", "--since", since)

    assert list(json.loads((folder / "index.json").read_text())) == ["green"]
    assert {file.name for file in folder.iterdir()} == {"index.json", file_name("green")}


def test_a_claimed_title_is_in_no_file_for_the_public(service: InProcess, tmp_path: Path) -> None:
    service.reader().comment("a", "Nice.", title="BUY PILLS", page_url="https://news.example/elsewhere")
    service.run("export", str(tmp_path / "html"), "--format", "html")

    file = (tmp_path / "html" / file_name("a")).read_text()
    assert "PILLS" not in file
    assert "elsewhere" not in file


def test_since_a_day_there_are_the_articles_that_look_different(service: InProcess, tmp_path: Path) -> None:
    reader, moderator = service.reader(), service.moderator()
    first = reader.comment("a", "One.")
    emptied = reader.comment("b", "Two.")
    reader.comment("c", "Three.")
    folder = tmp_path / "html"
    service.run("export", str(folder), "--format", "html")
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    service.clock.move(days=2)
    since = (service.clock.now - timedelta(days=1)).isoformat()
    reader.comment("a", "Four.", parent=first)
    moderator.decide("spam", emptied)
    moderator.set_thread("c", rename_to="d")

    service.run("export", str(folder), "--format", "html", "--since", since)
    again = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    fresh = tmp_path / "fresh"
    service.run("export", str(fresh), "--format", "html")

    assert "Four." in (folder / file_name("a")).read_text()
    index = json.loads((folder / "index.json").read_text())
    assert (sorted(index), index["c"]) == (["a", "c", "d"], index["d"])
    assert set(again) == {"index.json", file_name("a"), file_name("d")}
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        file.name: file.read_bytes() for file in fresh.iterdir()
    }
    assert again[file_name("a")] != before[file_name("a")]


@pytest.mark.parametrize("name", ["a folder of others", "a file", None])
def test_html_is_written_where_nothing_else_is(service: InProcess, tmp_path: Path, name: str | None) -> None:
    (tmp_path / "a folder of others").mkdir()
    (tmp_path / "a folder of others/diary").touch()
    (tmp_path / "a file").touch()

    with pytest.raises(AssertionError, match="Error: "):
        service.run("export", *([str(tmp_path / name)] if name else []), "--format", "html")


@pytest.mark.unit
@pytest.mark.parametrize(
    "article", ["../../etc/passwd", "CON", "лёд", "A" * 255, "a/b?c#d", ".", "\U0001f33b", " "]
)
def test_any_article_has_a_name_of_a_file(article: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,80}\.html", file_name(article))
    assert file_name(article) != file_name(article.swapcase() + "x")


def test_our_own_importer_takes_the_wxr(
    service: InProcess, tmp_path: Path, make_service: MakeService
) -> None:
    fill(service)
    service.reader(name="A & B <C>").comment(
        "news/1", "`code` & [a link](https://news.example/?a=1&b=2)\n\n> said"
    )
    file, other = tmp_path / "comments.xml", make_service()
    other.clock.move(days=1)
    service.run("export", str(file), "--format", "wxr")

    report = json.loads(
        CliRunner().invoke(main, ["import", str(file), "--json"], obj=lambda *_, **__: other.app).stdout
    )

    assert report["format"] == "wxr"
    assert set(report["skipped_by"]) <= {"deleted", "empty"}
    assert set(report["altered_by"]) == {"depth"}, "of answers at the last level, which name what they answer"
    for article in ("news/1", "=news/2"):
        before, after = (
            sorted(
                (c["posted_at"], c["author"]["name"], c["depth"], c["html"].replace(' translate="no"', ""))
                for c in one.reader().thread(article, limit="100")["comments"]
                if c["author"]
            )
            for one in (service, other)
        )
        assert after == before
