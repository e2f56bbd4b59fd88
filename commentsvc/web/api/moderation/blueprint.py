"""The blueprint that the moderation API's routes stand in.

The desk's script shows what is refused here: so refusals are in the language of who asks, as all is for readers;
a program that names none is answered in English.
"""

from __future__ import annotations

from commentsvc.web.languages import ForReaders

moderating = ForReaders("moderating", __name__, url_prefix="/api/v1/moderation")
