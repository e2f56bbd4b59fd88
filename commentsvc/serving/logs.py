"""Where the log goes, as the settings say."""

from __future__ import annotations

from commentsvc import log
from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX, Settings
from commentsvc.settings.values import shown


def begin(settings: Settings) -> None:
    """Write the log as *settings* say.

    :raises BadSetting: its file cannot be written.
    """
    try:
        log.configure(settings.log_level, settings.log_file, access=settings.log_access)
    except OSError as why:
        raise BadSetting(
            f"Invalid {PREFIX}LOG_FILE=“{shown(str(settings.log_file))}”: it cannot be written ({why.strerror})."
        ) from None


def in_words(settings: Settings) -> None:
    """Leave what goes well to the words that a command prints; a log in a file, or of level `debug`, stays as it is."""
    if settings.log_file is None and settings.log_level == "info":
        log.configure("warning")
