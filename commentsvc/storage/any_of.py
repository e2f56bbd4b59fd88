"""`column IN (…)` with a list of texts as one parameter, so that the statement is the same however many they are."""

from __future__ import annotations

from typing import Any

from msgspec import json
from sqlalchemy import ARRAY, Boolean, Dialect, String, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class StringList(TypeDecorator[list[str]]):
    """A list of texts as one parameter: an array, or JSON on SQLite, which knows no arrays."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type it has on that database."""
        return dialect.type_descriptor(ARRAY(String()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        """The list as it is sent."""
        return value if value is None or dialect.name == "postgresql" else json.encode(value).decode()


class AnyOf(FunctionElement[bool]):
    """Whether a column is one of the texts in the parameter *name*; found by index, however many they are."""

    inherit_cache = True
    name = "any_of"
    type = Boolean()

    def __init__(self, column: Any, name: str) -> None:
        super().__init__(column, bindparam(name, type_=StringList()))

    def self_group(self, against: Any = None) -> Any:
        """Stay as it is: SQLAlchemy would write `… = 1` behind it on SQLite, and no index would do."""
        return self


@compiles(AnyOf, "postgresql")
def _in_array(element: AnyOf, compiler: SQLCompiler, **more: Any) -> str:
    column, texts = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} = ANY ({texts})"


@compiles(AnyOf, "sqlite")
def _in_json(element: AnyOf, compiler: SQLCompiler, **more: Any) -> str:
    column, texts = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - both are SQLAlchemy's
