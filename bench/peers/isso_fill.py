"""Fill Isso's database through Isso's own code; run by the interpreter that has Isso.

python isso_fill.py SETTINGS COMMENTS.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from isso import config
from isso.db import SQLite3


def main(settings: str, lines: str) -> None:
    """Add each comment to its thread, below the comment that it answers."""
    conf = config.load(config.default_file(), settings)
    database = SQLite3(conf.get("general", "dbpath"), conf)
    ids: dict[tuple[str, int], int] = {}
    for line in Path(lines).read_text().splitlines():
        comment = json.loads(line)
        article = comment["article"]
        if article not in database.threads:
            database.threads.new(article, f"About {article}")
        row = {
            "parent": ids.get((article, comment["parent"])),
            "created": comment["posted_at"],
            "mode": 1,
            "remote_addr": "192.0.2.0",
            "text": comment["text"],
            "author": comment["name"],
            "email": comment["email"],
            "website": None,
            "notification": 0,
        }
        ids[article, comment["number"]] = database.comments.add(article, row)["id"]


if __name__ == "__main__":
    main(*sys.argv[1:])
