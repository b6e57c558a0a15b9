"""The watch: a receiver's note that it looks after things, and since when without a gap."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pim.canonical import dump_json, load_json
from pim.json_types import JsonObject, as_object, as_text
from pim.texts import parse_instant
from storage.database import Transaction
from storage.state.source import read_fact, save_fact

WATCHED_WITHIN = timedelta(minutes=5)
"""A receiver notes each minute that it looks after things; after so long, none does."""
_WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Watch:
    """A receiver looks after things, without a gap since `since`; `at`: when it last said so.

    `idle`: why Prefect starts no sweep of a mode by itself, where it does not.
    """

    since: datetime
    at: datetime
    idle: Mapping[str, str] = field(default_factory=dict)


def note_watch(tx: Transaction, *, idle: Mapping[str, str], now: datetime) -> None:
    """Say that somebody looks after things now, and which sweeps Prefect would not start."""
    before = read_watch(tx)
    gap = before is None or abs(now - before.at) > WATCHED_WITHIN  # receivers' clocks differ
    since = now if before is None or gap else before.since
    told: JsonObject = {"since": since.isoformat(), "at": now.isoformat(), "idle": dict(idle)}
    save_fact(tx, name=_WATCH, value=dump_json(told), now=now)


def read_watch(tx: Transaction) -> Watch | None:
    """Read the newest note that somebody looks after things; None if there is none."""
    kept = read_fact(tx, _WATCH)
    if kept is None:
        return None
    told = as_object(load_json(kept[0]))
    idle = {mode: as_text(why) or "" for mode, why in as_object(told.get("idle")).items()}
    since = parse_instant(told.get("since")) or kept[1]
    return Watch(since, parse_instant(told.get("at")) or kept[1], idle)
