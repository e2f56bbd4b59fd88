"""The formats in XML, without what installs them."""

from __future__ import annotations

from commentsvc.transfer.format import Format
from commentsvc.transfer.formats.blogger import Blogger
from commentsvc.transfer.formats.disqus import Disqus
from commentsvc.transfer.formats.wxr import Wxr

FORMATS: dict[str, Format] = {one.name: one for one in (Blogger(), Disqus(), Wxr())}
