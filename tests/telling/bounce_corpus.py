"""Real bounces: how many of each kind are taken for what they are. `python -m tests.telling.bounce_corpus FOLDER`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from msgspec import json

from commentsvc.notifications.mail.bounces import Kind, classify

MOST_SILENCED = 0.01  # of those that are no hard bounce
LEAST_FOUND = 0.6  # of the hard ones that have a report
LEAST_HEARD = 0.8  # of the complaints, as some come in a form of one provider's own


def main(folder: Path) -> int:
    """Look at all; give 1 where too many living readers would be silenced, or too few missing ones found."""
    counts: Counter[tuple[str, bool, str]] = Counter()
    wrong = []
    for entry in json.decode((folder / "index.json").read_bytes()):
        bounce = classify((folder / entry["file"]).read_bytes())
        kind = "complaint" if bounce.is_complaint else str(bounce.kind)
        counts[entry["class"], entry["dsn"], kind] += 1
        if entry["class"] in {"soft", "none"} and bounce.kind is Kind.HARD:
            wrong.append(entry["file"])
    for (of_class, has_report, kind), count in sorted(counts.items()):
        print(f"{of_class:9}  {'report' if has_report else '-':6}  taken for {kind:9}  {count:4}")
    living = sum(count for (of_class, _, _), count in counts.items() if of_class in {"soft", "none"})
    hard = sum(count for (of_class, has, _), count in counts.items() if of_class == "hard" and has)
    found = counts["hard", True, "hard"]
    complaints = sum(count for (of_class, _, _), count in counts.items() if of_class == "complaint")
    heard = counts["complaint", False, "complaint"] + counts["complaint", True, "complaint"]
    print(
        f"{len(wrong)} of {living} taken for hard that are not; {found} of {hard} hard ones with a report found;"
    )
    print(f"{heard} of {complaints} complaints heard.", *wrong)
    return int(
        len(wrong) > MOST_SILENCED * living or found < LEAST_FOUND * hard or heard < LEAST_HEARD * complaints
    )


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
