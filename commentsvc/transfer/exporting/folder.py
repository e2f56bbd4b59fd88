"""Discussions as files of HTML in a folder, one for each article, and `index.json`, which names the file of each article."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path

from msgspec import DecodeError, ValidationError, json

from commentsvc import scratch
from commentsvc.errors import BadSetting
from commentsvc.records import StoredSite
from commentsvc.transfer.exporting.html import discussion
from commentsvc.transfer.exporting.reading import Reader

INDEX = "index.json"
LONGEST_WORDS = 60  # of a name; what tells it from others comes behind
READABLE = 0o644  # by everybody, as what is in it is public

Index = dict[str, str]


def require_ours(folder: Path) -> None:
    """Refuse a folder with other things in it.

    :raises BadSetting: *folder* is no folder, or has files and no index of an export.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BadSetting(f"{folder} exists and is no folder.")
    others = [one for one in folder.iterdir() if not scratch.is_ours(one)]  # an export was ended by force
    if others and _index_of(folder) is None and not any(folder.glob(f"*/{INDEX}")):
        raise BadSetting(
            f"{folder} has other files in it; name an empty folder, or one of an earlier export."
        )


def write(reader: Reader, site: StoredSite, folder: Path) -> None:
    """Write the discussions of *site* into *folder*, each whole or not at all.

    With `since`, the files of other articles stay as they are. What is no article's any more goes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _index_of(folder) or {}
    index: Index = dict(before) if reader.selection.since is not None else {}
    with scratch.folder("export", folder) as fresh:
        for thread in reader.threads(site):
            one = discussion(thread)
            names = (one.article, *one.aliases)
            for name in names:
                index.pop(name, None)
            if one.html is not None:
                index |= dict.fromkeys(names, file_name(one.article))
                (fresh / index[one.article]).write_bytes(one.html)
        known = reader.articles(site)
        index = {article: file for article, file in index.items() if article in known}
        (fresh / INDEX).write_bytes(json.format(json.encode(dict(sorted(index.items()))), indent=2) + b"\n")
        for file in sorted(fresh.iterdir(), key=lambda file: file.name == INDEX):  # the index last
            _put(file, folder / file.name)
    for gone in set(before.values()) - set(index.values()):
        (folder / gone).unlink(missing_ok=True)


def file_name(article: str) -> str:
    """The name of an article's file, on any file system: what can be read of its ID, and what tells it from others."""
    words = re.sub(r"[^a-z0-9]+", "-", article.lower()).strip("-")[:LONGEST_WORDS].strip("-")
    digest = sha256(article.encode()).hexdigest()[:16]
    return f"{words}-{digest}.html" if words else f"{digest}.html"


def _put(file: Path, target: Path) -> None:
    """Let *file* be *target*, unless that is the same already: so generators see what changed."""
    if target.is_file() and target.read_bytes() == file.read_bytes():
        return
    file.chmod(READABLE)
    os.replace(file, target)


def _index_of(folder: Path) -> Index | None:
    """The index of an export in *folder*; None where there is none."""
    try:
        index = json.decode((folder / INDEX).read_bytes(), type=Index)
    except (FileNotFoundError, DecodeError, ValidationError):
        return None
    return index if all(re.fullmatch(r"[a-z0-9-]+\.html", file) for file in index.values()) else None
