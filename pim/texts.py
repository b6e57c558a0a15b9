"""Strings and instants of foreign make, made fit for a database."""

from datetime import UTC, datetime, timedelta

MAX_KEY_LENGTH = 255
"""The PIM's own columns for identifiers and codes hold 255 characters."""

_FIRST_YEAR, _LAST_YEAR = 2, 9998
"""A date at the very edge of the calendar dates nothing: databases write zero dates so."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def is_storable(text: str) -> bool:
    """Whether a text column can hold it: no NUL, no lone surrogate (PostgreSQL refuses both)."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD."""
    if is_storable(text):
        return text
    whole = text.replace("\x00", _REPLACEMENT)
    return "".join(_REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in whole)


def is_usable_key(text: str) -> bool:
    """Whether it can name a thing: not blank, storable, at most 255 characters."""
    return 0 < len(text) <= MAX_KEY_LENGTH and not text.isspace() and is_storable(text)


def parse_instant(value: object) -> datetime | None:
    """An ISO 8601 text with any offset as aware UTC; None if it is no text, or has no offset.

    A time without offset cannot be ordered against another, so it is as good as none. So is one of
    the calendar's first and last year: what is reckoned with an instant from here stays a date.
    """
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
        known = None if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return known if known is not None and _FIRST_YEAR <= known.year <= _LAST_YEAR else None


def moved(instant: datetime, by: timedelta) -> datetime:
    """`instant + by`; near the calendar's edge where that would be past it."""
    try:
        return instant + by
    except OverflowError:
        return datetime(_LAST_YEAR if by > timedelta(0) else _FIRST_YEAR, 1, 1, tzinfo=UTC)
