"""One product's story in the order in which it happened: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storage.changes import Change
from storage.differences import Changed
from storage.history import History
from storage.holds import HeldDeletion
from storage.letters import ListedEvent

_MOST_CHANGED = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry. `kind`: told, settled, changed or held; `run_id`: the run that did it."""

    at: datetime
    kind: str
    text: str
    run_id: str | None = None


# What falls on one instant happened in this order: told, written, settled in the same transaction.
_ORDER = {"told": 0, "changed": 1, "settled": 2, "held": 3}


def build_timeline(history: History) -> list[Moment]:
    """Return the moments of deliveries, decisions and changes, oldest first."""
    moments = [moment for event in history.events for moment in _event_moments(event)]
    moments += [_change_moment(change) for change in history.changes]
    moments += [_hold_moment(hold) for hold in history.holds]
    return sorted(moments, key=lambda moment: (moment.at, _ORDER[moment.kind]))


def describe_changed(changed: Iterable[Changed]) -> str:
    """Say what changed: fields and attributes, with their locale and scope."""
    names = [_name_changed(item) for item in changed]
    more = len(names) - _MOST_CHANGED
    return ", ".join(names[:_MOST_CHANGED]) + (f" and {more} more" if more > 0 else "")


def _name_changed(item: Changed) -> str:
    where = ", ".join(part for part in (item.locale, item.scope) if part)
    return f"{item.code} ({where})" if where else item.code


def _event_moments(event: ListedEvent) -> list[Moment]:
    about = f"{event.action or 'unusable event'} {event.event_id}"
    author = f" by {event.author}" if event.author else ""
    moments = [Moment(event.received_at, "told", f"{about}{author}")]
    if event.settled_at is not None:
        reason = f": {event.reason}" if event.reason else ""
        text = f"{event.state}{reason} [{about}]"
        moments.append(Moment(event.settled_at, "settled", text, event.run_id))
    return moments


def _change_moment(change: Change) -> Moment:
    what = describe_changed(change.changed)
    text = f"{change.op}{f': {what}' if what else ''} (cause: {change.cause})"
    return Moment(change.at, "changed", text, change.run_id)


def _hold_moment(hold: HeldDeletion) -> Moment:
    text = f"deletion held for a person (cause: {hold.cause})"
    return Moment(hold.held_at, "held", text, hold.run_id)
