"""Search filters of the REST API; two date formats in one API live here."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pim.json_types import JsonObject


def updated_since(since: datetime, timezone: ZoneInfo) -> JsonObject:
    """Filter for products and models changed after `since`, strictly; local time without zone."""
    raise NotImplementedError


def structure_updated_since(since: datetime) -> JsonObject:
    """Filter for families, attributes, groups and categories: ISO 8601 with zone."""
    raise NotImplementedError


def descendants_of(model_code: str) -> JsonObject:
    """Filter for all variants below a root or sub model."""
    raise NotImplementedError


def code_in(codes: Sequence[str]) -> JsonObject:
    """Filter for structure items by code."""
    raise NotImplementedError
