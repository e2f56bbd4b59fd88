"""What these tests say holds on both databases."""

from tests.databases import on_both

__all__ = ["on_both"]
