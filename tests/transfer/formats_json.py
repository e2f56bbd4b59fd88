"""The formats in JSON, YAML and SQLite, by name."""

from commentsvc.transfer.formats.artalk import Artalk
from commentsvc.transfer.formats.artrans import Artrans
from commentsvc.transfer.formats.comentario import Comentario
from commentsvc.transfer.formats.commento import Commento
from commentsvc.transfer.formats.discourse import Discourse
from commentsvc.transfer.formats.isso import Isso
from commentsvc.transfer.formats.isso_json import IssoJson
from commentsvc.transfer.formats.remark42 import Remark42
from commentsvc.transfer.formats.staticman import Staticman
from commentsvc.transfer.formats.twikoo import Twikoo
from commentsvc.transfer.formats.valine import Valine
from commentsvc.transfer.formats.waline import Waline
from commentsvc.transfer.formats.waline_db import WalineDb

KINDS = (
    Artalk, Artrans, Comentario, Commento, Discourse, Isso, IssoJson,
    Remark42, Staticman, Twikoo, Valine, Waline, WalineDb,
)  # fmt: skip
FORMATS = {one.name: one() for one in KINDS}
