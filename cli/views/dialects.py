"""Dialects in which the PIM tells of changes: which is alive, and how long the older one has left.

Akeneo's cloud ends its Events API with the year 2026; PIMs that somebody hosts keep it.
"""

from datetime import UTC, datetime

from cli.output import iso, say_ago, say_count
from pim.json_types import JsonObject
from pim.vocabulary import Channel
from storage.views import Status

EVENTS_API_ENDS = datetime(2027, 1, 1, tzinfo=UTC)
"""The first moment without an Events API in Akeneo's cloud, by the vendor's announcement."""

_NAMES = {Channel.EVENTS_API: "Events API", Channel.EVENT_PLATFORM: "Event Platform"}
_CLOUD_EDITIONS = frozenset({"serenity", "ge", "growth edition"})
_FIRST_YEAR = 2000  # the versions of the cloud begin with the year; others have a digit or two


def describe_dialects(status: Status, *, now: datetime) -> list[tuple[str, str]]:
    """Return a line for each dialect that has spoken, or should: its name, and when it did."""
    lines = []
    for channel, name in _NAMES.items():
        heard = status.inbox.heard.get(channel)
        spoke = f"last delivery {say_ago(heard, now=now)}" if heard else "no delivery is kept"
        if channel is Channel.EVENTS_API and is_cloud(status):
            lines.append((name, f"{spoke}; {_say_left(now)}"))
        elif heard:
            lines.append((name, spoke))
    return lines


def dialects_object(status: Status, *, now: datetime) -> JsonObject:
    """Return when each dialect last spoke, and the days that the Events API has left."""
    heard = status.inbox.heard
    days: JsonObject = {"days_left": days_left(now) if is_cloud(status) else None}
    return {
        channel.value: {
            "last_received_at": iso(heard.get(channel)),
            **(days if channel is Channel.EVENTS_API else {}),
        }
        for channel in Channel
    }


def is_cloud(status: Status) -> bool:
    """Whether the PIM is one of Akeneo's cloud, by what it says of itself."""
    edition = status.facts.get("edition", "").casefold()
    number = status.facts.get("version", "").lstrip("vV").partition(".")[0]
    by_version = number.isascii() and number.isdigit() and int(number[:4]) >= _FIRST_YEAR
    return edition in _CLOUD_EDITIONS or by_version


def days_left(now: datetime) -> int:
    """The whole days until Akeneo's cloud has no Events API; 0 from its last day on."""
    return max(0, (EVENTS_API_ENDS - now).days)


def _say_left(now: datetime) -> str:
    if now >= EVENTS_API_ENDS:
        return "Akeneo's cloud has ended it: nothing more comes this way (docs/event-platform.md)"
    left = say_count(days_left(now), "day")
    return f"Akeneo's cloud ends it in {left}: move to the Event Platform (docs/event-platform.md)"
