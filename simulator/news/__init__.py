"""News of the Event Platform: which events a save leads to, what they hold, how they are written.

Nothing in here knows of subscribers: a subscription picks by type and by filter, and signs.
"""

from simulator.news.desk import News, NewsDesk
from simulator.news.envelope import (
    encode_event,
    encode_json,
    instant_text,
    make_id,
    signature_headers,
)
from simulator.news.filters import Filter, FilterError, parse_filter
from simulator.news.forgery import forge_event
from simulator.news.types import BASIC_TYPES, EVENT_TYPES

__all__ = [
    "BASIC_TYPES",
    "EVENT_TYPES",
    "Filter",
    "FilterError",
    "News",
    "NewsDesk",
    "encode_event",
    "encode_json",
    "forge_event",
    "instant_text",
    "make_id",
    "parse_filter",
    "signature_headers",
]
