"""Words are found as Python's `in` finds them, in any script, by an index or without; what was erased by nobody."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from alembic.command import downgrade
from alembic.config import Config
from sqlalchemy import text

from commentsvc.jobs import queue as jobs
from commentsvc.jobs.kinds import KINDS
from commentsvc.jobs.runner import Runner
from commentsvc.model import JobState
from commentsvc.service import Service
from commentsvc.storage import queue, schema, search
from commentsvc.unicode_text import folded
from tests.command_line import examined
from tests.databases import on_both
from tests.people import Moderator
from tests.postgresql import Cluster
from tests.running_service import InProcess, open_in_process, written

__all__ = ["on_both"]

TEXTS = {
    "Ada": "Straße, École and RÉSUMÉ in one line.",
    "Zoë Müller": '100% sure_about this\\that; [sic] "quoted" NEAR(a b) -no a:b *',
    "李雷": "今天天气很好，我们去公园吧。罕見字𠮷野家。",
    "سارة": "مرحبا بالعالم، هذا تعليق.",
    "Smile 😀": "Family 👨‍👩‍👧 and flags 🇩🇪🇫🇷!",
    "Full Width": "ＦＵＬＬ ｗｉｄｔｈ, ﬁne ligature, ²³.",
    "Bo": "the the the other brother gathers.",
    "Cy": "Nothing to see here.",
}
WORDS = [
    *("a", "é", "天", "م", "😀", "%", "_", "*", "zz", "ss", "很好", "هذ", "🇩🇪", "²", '"', "x"),
    *("the", "école", "ÉCOLE", "strasse", "résumé in", "sure_about", "100% s", "s\\t", "[sic]", '"quoted"'),
    *(
        "NEAR(a",
        "-no",
        "a:b *",
        "天气很",
        "罕見字",
        "𠮷野家",
        "بالعالم",
        "👨‍👩‍👧",
        "🇩🇪🇫🇷!",
        "full width",
        "fine lig",
    ),
    *('"(x', "ada", "müller", "ada straße", "!!!", "gatherers", "nowhere at all", "e" * 320),
]


def oracle(name: str, said: str, words: str) -> bool:
    return folded(words) in folded(name) or folded(words) in folded(said)


def found(moderator: Moderator, **asked: Any) -> list[str]:
    """The names of those that are listed, page by page."""
    names: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(100):
        answer = moderator.request("POST", "/comments/search", json={"limit": 3, **asked, **cursor})
        assert answer.status_code == 200, answer.text
        names += [one["author"]["name"] for one in answer.json()["comments"]]
        if answer.json()["next"] is None:
            return names
        cursor = {"cursor": answer.json()["next"]}
    raise AssertionError("the list has no end")


@pytest.fixture
def filled(service: InProcess) -> InProcess:
    for name, said in TEXTS.items():
        service.reader().comment("a", said, name=name)
    return service


def forget_index(service: InProcess) -> None:
    """Bring the database to what it was before there was one, and upgrade it."""
    with service.ours.database.engine.connect().execution_options(write=True) as connection:
        config = Config()
        config.set_main_option("script_location", schema.MIGRATIONS)
        config.attributes["connection"] = connection
        downgrade(config, "0013")
        connection.commit()
    schema.migrate(service.ours.database, service.ours.settings)


def fill(ours: Service) -> int:
    """Let the job run that fills the index; give how many comments it folded."""
    runner = Runner(ours, lambda _seconds: True)
    job, _ = jobs.start(ours, KINDS["index"])
    while (done := runner.run_job(job.public_id)).state is not JobState.DONE:
        pass
    return done.done


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("each", [4, pytest.param(1, marks=pytest.mark.soak)])
def test_words_are_found_as_python_finds_them(
    filled: InProcess, moderator: Moderator, monkeypatch: pytest.MonkeyPatch, each: int
) -> None:
    expected = {words: [name for name, said in TEXTS.items() if oracle(name, said, words)] for words in WORDS}
    monkeypatch.setattr(search, "PATIENCE_MS", 20_000)  # on a busy machine the index may take long

    with filled.ours.reading() as work:
        assert {words for words in WORDS if work.search.candidates(words) is not None} >= {
            "the",
            "天气很",
            "بالعالم",
        }
    for words in WORDS:
        assert found(moderator, q=words) == expected[words], words
    for words in WORDS[::each]:
        assert found(moderator, q=words, order="newest", state="approved") == expected[words][::-1], words

    monkeypatch.setattr(search, "CANDIDATES", 0)  # every word is in too many
    monkeypatch.setattr(queue, "SCANNED", 3)
    for words in WORDS[1::each]:
        assert found(moderator, q=words, article="a") == expected[words], words


def test_a_name_and_the_text_behind_it_are_two(filled: InProcess, moderator: Moderator) -> None:
    assert found(moderator, q="Cy\x1fNothing") == []
    assert found(moderator, q="here.") == ["Cy"]


@pytest.mark.slow_on_postgresql
def test_with_everything_else_that_can_be_asked_for(service: InProcess, moderator: Moderator) -> None:
    service.run("site", "add", "weekend", "--origin", "https://weekend.example")
    for site, article, said in product(("default", "weekend"), "ab", ("Rare bird.", "Common bird.")):
        service.reader().comment(
            article, f"{said} {site} {article}", site=site, name=f"{said[0]}{site[0]}{article}"
        )
    service.reader().comment("a", "Bird [here](https://bird.example/).", name="Linked")

    assert found(moderator, q="bird", site="weekend", article="b") == ["Rwb", "Cwb"]
    assert found(moderator, q="rare BIRD", article="a") == ["Rda", "Rwa"]
    assert found(moderator, q="bird", links=True) == ["Linked"]
    assert found(moderator, q="bird", state="spam") == []
    assert found(service.moderator("weekend"), q="bird") == ["Rwa", "Cwa", "Rwb", "Cwb"]


def test_a_program_that_knows_no_index_may_write_beside(filled: InProcess, moderator: Moderator) -> None:
    """As an older version does while nodes are upgraded: what it writes is found, and what it erases is not."""
    columns = "site_id, thread_id, depth, state, reasons, shown, public_below, author_id, html, rules, revision, vouched, posted_at"
    with written(filled) as connection:
        connection.execute(
            text(
                f"INSERT INTO comment ({columns}, id, public_id, seq, root_seq, path, author_name, text) "
                f"SELECT {columns}, 100, 'older', 100, 100, 'older', 'Older', 'An OLDER text.' FROM comment WHERE id = 8"
            )
        )
        connection.execute(text("UPDATE comment SET text = 'Edited there.' WHERE author_name = 'Cy'"))
        connection.execute(
            text(
                "UPDATE comment SET author_name = '', text = '', erased_at = posted_at WHERE author_name = 'Bo'"
            )
        )

    def look() -> None:
        assert found(moderator, q="older text") == ["Older"]
        assert found(moderator, q="edited there") == ["Cy"]
        assert found(moderator, q="nothing to see") == found(moderator, q="brother") == []

    look()
    assert fill(filled.ours) == 2
    look()


@pytest.mark.slow_on_postgresql
def test_comments_that_are_older_than_the_index_are_found_until_a_job_has_filled_it(
    filled: InProcess, moderator: Moderator
) -> None:
    forget_index(filled)

    assert found(moderator, q="brother") == ["Bo"]
    assert found(moderator, q="ligature", order="newest") == ["Full Width"]
    assert fill(filled.ours) == len(TEXTS)
    assert found(moderator, q="ÉCOLE") == ["Ada"]
    with filled.ours.reading() as work:
        assert not work.search.is_missing_any()
    filled.reader().comment("a", "Posted after that.")
    assert found(moderator, q="posted after") == ["Ada Sample"]


@pytest.mark.soak
@pytest.mark.postgresql
def test_a_server_without_trigrams_is_looked_through_and_doctor_tells(
    postgresql: Cluster, tmp_path: Any
) -> None:
    with postgresql.database() as where:
        service = open_in_process(tmp_path, **where)
        name = where["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
        with postgresql.connected(name) as owner:
            owner.execute(f"ALTER DATABASE {name} OWNER TO postgres")
            owner.execute("GRANT CREATE ON SCHEMA public TO service")
            owner.execute("DROP EXTENSION pg_trgm CASCADE")
        service.run("db", "upgrade")
        service.reader().comment("a", "Found without.")

        assert found(service.moderator(), q="without") == ["Ada Sample"]
        status, said = examined(service)
        assert (status, "CREATE EXTENSION pg_trgm" in said) == (1, True)

        with postgresql.connected(name) as owner:
            owner.execute("CREATE EXTENSION pg_trgm")
        service.run("db", "upgrade")
        status, said = examined(service)
        assert status == 0, said
        assert found(service.moderator(), q="without") == ["Ada Sample"]
        service.close()
