"""What the desk's script says, in the moderator's language: the page hands it over, and the script has no words."""

from __future__ import annotations

from functools import cache

from msgspec import json

from commentsvc.messages import message
from commentsvc.model import Action, State
from commentsvc.web.desk.labels import STATES, Labels
from commentsvc.web.languages import language, plural_forms, translated

# The script fills in what stands in `%(name)s`.
WORDS: Labels = {
    "undo": message("Undo"),
    "undoOne": message("Undo the decision about the comment of %(name)s"),
    "show": message("Show"),
    "saved": message("Saved."),
    "undone": message("Undone."),
    "nothingToUndo": message("There is nothing to undo."),
    "isDecided": message("This comment is decided. Press u to undo your last decision, or use its buttons."),
    "notPublic": message("This comment is not public: it stands in no thread."),
    "lostAtSignOut": message("Some decisions were not sent yet, and are lost when you sign out."),
    "gone": message("This comment no longer exists."),
    "erased": message("This comment was erased."),
    "edited": message("Its author has edited this comment. Please read it again."),
    "notUndone": message("Not undone, as it was decided again or erased since then."),
    "noConnection": message("No connection."),
    "sessionEnded": message("Your session has ended."),
    "didOne": message("%(done)s."),
    "didMany": message("%(done)s: %(number)s."),
    "notCarriedOut": message("%(done)s: not carried out."),
    "about": message("The comment of %(name)s: %(why)s"),
}
DONE: Labels = {
    Action.APPROVE: message("Approved"),
    Action.HOLD: message("Held"),
    Action.SPAM: message("Marked as spam"),
    Action.TRASH: message("Moved to the trash"),
}
ALREADY: Labels = {
    State.APPROVED: message("Already approved."),
    State.PENDING: message("Already pending."),
    State.SPAM: message("Already spam."),
    State.TRASH: message("Already trash."),
    "": message("Already decided."),
}
ALREADY_BY: Labels = {
    State.APPROVED: message("Already approved by %(name)s."),
    State.PENDING: message("Already pending by %(name)s."),
    State.SPAM: message("Already spam by %(name)s."),
    State.TRASH: message("Already trash by %(name)s."),
    "": message("Already decided by %(name)s."),
}
TABLES: dict[str, Labels] = {
    "words": WORDS,
    "states": STATES,
    "done": DONE,
    "already": ALREADY,
    "alreadyBy": ALREADY_BY,
}


def script_words() -> str:
    """All of them, as JSON."""
    return _words_of(language())


@cache
def _words_of(_language: str) -> str:
    """The same for the language of this answer."""
    tables = {name: {key: translated(text) for key, text in table.items()} for name, table in TABLES.items()}
    numbers = {
        "left": plural_forms("%(num)s left here.", "%(num)s left here."),
        "selected": plural_forms("%(num)s selected", "%(num)s selected"),
        "selectedSaid": plural_forms("%(num)s selected.", "%(num)s selected."),
        "waiting": plural_forms(
            "%(num)s decision waits to be sent, and nothing is lost.",
            "%(num)s decisions wait to be sent, and nothing is lost.",
        ),
    }
    return json.encode({**tables, "numbers": numbers}).decode()
