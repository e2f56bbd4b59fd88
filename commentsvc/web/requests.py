"""How the query of a request is read."""

from __future__ import annotations

import flask
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property


class Request(flask.Request):
    """A request in whose query an empty parameter is an absent one: forms send those that nobody filled in."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the query that have a value."""
        return ImmutableMultiDict([(name, value) for name, value in super().args.items(multi=True) if value])
