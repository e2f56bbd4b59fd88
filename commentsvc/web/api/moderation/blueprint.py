"""The blueprint that the moderation API's routes stand in."""

from __future__ import annotations

from flask import Blueprint

moderating = Blueprint("moderating", __name__, url_prefix="/api/v1/moderation")
