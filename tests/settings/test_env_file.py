"""Settings in a file, as systemd reads it (systemd.exec(5), EnvironmentFile=)."""

from __future__ import annotations

from pathlib import Path

import pytest

from commentsvc.cli.env_file import parse
from tests.command_line import refusal, typed


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b", "b"),
        ("  A =  b c \t\n", "b c"),
        ("# A=no\n; A=no\n\nA=b # c\n", "b # c"),
        ("A='b\n c' ", "b\n c"),
        ("A='b\\n'", "b\\n"),
        ('A="b \\"c\\" \\$d \\e"', 'b "c" $d \\e'),
        ('A="b\\\nc"', "bc"),
        ("A=b\\\n c", "b c"),
        ("A=b\\'c", "b'c"),
        ("A=b' 'c\" \"", "b c "),
        ("A=b=c", "b=c"),
        ("A=b\r\nB=c\r\n", "b"),
        ("# no \\\nA=no\nA=b", "b"),
        ("A=a\nA=b", "b"),
        ("A=", ""),
        ("A=$B", "$B"),
    ],
)
def test_a_value_is_what_systemd_makes_of_it(text: str, value: str) -> None:
    assert parse(text)["A"] == value


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "line"),
    [("A=b\nexport B=c", 2), ("A", 1), ("=b", 1), ("A=b\n\nC='unspeakable", 3), ("A-B=c", 1)],
)
def test_a_line_that_sets_nothing_is_told_by_its_number(text: str, line: int) -> None:
    with pytest.raises(ValueError, match=f"line {line} is not NAME=VALUE") as wrong:
        parse(text)
    assert "unspeakable" not in str(wrong.value)


def test_the_environment_wins_over_the_file_and_the_option_over_both(tmp_path: Path) -> None:
    file = tmp_path / "comments.env"
    file.write_text('COMMENTSVC_MAX_DEPTH="3"\nCOMMENTSVC_EDIT_WINDOW=60\nCOMMENTSVC_DATA_DIR=/nowhere\n')

    printed = typed(
        "--env-file",
        str(file),
        "--data-dir",
        str(tmp_path / "here"),
        "config",
        data_dir=tmp_path,
        EDIT_WINDOW="70",
    ).stdout

    assert "COMMENTSVC_MAX_DEPTH=3\n" in printed
    assert "COMMENTSVC_EDIT_WINDOW=70\n" in printed
    assert f"COMMENTSVC_DATA_DIR={tmp_path}/here\n" in printed


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), (b"\xff", "not UTF-8"), (b"A", "line 1")]
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "comments.env"
    if content is not None:
        file.write_bytes(content)

    said = refusal(typed("--env-file", str(file), "config", data_dir=tmp_path))

    assert str(file) in said
    assert reason in said
