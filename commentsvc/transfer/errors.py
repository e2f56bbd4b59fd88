"""What can be wrong with an export."""

from __future__ import annotations

from commentsvc.errors import Problem


class Unreadable(Problem):
    """A file cannot be read to its end; the detail names the file and the place."""

    def __init__(
        self, message: str, *, line: int | None = None, byte: int | None = None, file: str | None = None
    ) -> None:
        self.message, self.line, self.byte, self.file = message, line, byte, file
        super().__init__(_sentence(message, line, byte, file))


def _sentence(message: str, line: int | None, byte: int | None, file: str | None) -> str:
    places = [file] if file else []
    places += [f"line {line}"] if line is not None else []
    places += [f"byte {byte}"] if byte is not None else []
    return ": ".join(filter(None, (", ".join(places), message)))
