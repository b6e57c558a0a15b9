"""Reconciles that failed or were not whole: counted by mode, and an alarm until a whole one.

Whatever ended a reconcile, a defect of our own included: it is told in the transaction that records
the run's end. Beside it stands what only a row of sweeps that did end can show: a watermark that
does not move.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from pim.canonical import dump_json, load_json
from pim.json_types import JsonObject, as_object, as_text
from pim.texts import parse_instant, storable
from storage.database import Transaction
from storage.state.alarms import clear_alarm, raise_alarm
from storage.state.lost_deliveries import PRODUCT_SWEEPS
from storage.state.source import read_fact, save_fact
from storage.state.watermarks import read_watermark
from storage.tables import SourceFact, table_of

FAILS_ALARM = "sweep-fails"
STANDS_ALARM = "watermark-stands"
FULL = "full"
DELTA = "delta"
MODES = (FULL, DELTA)

STANDS_AFTER = timedelta(hours=6)
"""Deltas come every ten minutes: three dozen of them moved nothing."""

_FACT = table_of(SourceFact)
_FAILING = "sweep-fails:{mode}"
_WATERMARK = "watermark-moved"
_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Failing:
    """Reconciles of one mode that failed in a row: since when, how often, and the last's words."""

    mode: str
    since: datetime
    last_at: datetime
    count: int
    words: str

    def __str__(self) -> str:
        """`the full sweep fails: 3 times since 2026-11-29 02:30 UTC, last: …`."""
        since = f"{self.since:%Y-%m-%d %H:%M} UTC"
        often = f"once, at {since}" if self.count == 1 else f"{self.count} times since {since}"
        return f"the {self.mode} sweep failed {often}, its last words: {self.words}"


def record_failed_sweep(tx: Transaction, *, mode: str, words: str, now: datetime) -> None:
    """Count a reconcile that failed or was not whole, and raise or renew the alarm."""
    before = _read_failing(tx, mode)
    failing = Failing(
        mode=mode,
        since=before.since if before else now,
        last_at=now,
        count=before.count + 1 if before else 1,
        words=storable(" ".join(words.split()))[:_LONGEST_WORDS],
    )
    kept: JsonObject = {
        "since": failing.since.isoformat(),
        "count": failing.count,
        "words": failing.words,
    }
    save_fact(tx, name=_FAILING.format(mode=mode), value=dump_json(kept), now=now)
    _judge(tx)


def record_whole_sweep(tx: Transaction, *, mode: str) -> None:
    """End the alarm for this mode; a whole full sweep has done what deltas left undone, too."""
    over = MODES if mode == FULL else (mode,)
    names = [_FAILING.format(mode=each) for each in over]
    tx.execute(delete(_FACT).where(_FACT.c.name.in_(names)))
    _judge(tx)


def read_failing(tx: Transaction) -> list[Failing]:
    """Read which modes fail now, the full one first."""
    return [failing for mode in MODES if (failing := _read_failing(tx, mode)) is not None]


def judge_watermark(tx: Transaction, *, now: datetime) -> None:
    """After a sweep that ended whole: an alarm where the products' watermark has long not moved."""
    watermark = read_watermark(tx, PRODUCT_SWEEPS)
    shown = "none" if watermark is None else watermark.seen_until.isoformat()
    kept = read_fact(tx, _WATERMARK)
    if kept is None or kept[0] != shown:
        save_fact(tx, name=_WATERMARK, value=shown, now=now)
        clear_alarm(tx, name=STANDS_ALARM)
        return
    moved_at = kept[1]
    if now - moved_at >= STANDS_AFTER:
        stands = "there is none" if watermark is None else f"it stands at {shown[:19]}"
        text = (
            "sweeps end, and the products' watermark has not moved since "
            f"{moved_at:%Y-%m-%d %H:%M} UTC ({stands}): each delta compares more than the last"
        )
        raise_alarm(tx, name=STANDS_ALARM, text=text, now=moved_at)


def _judge(tx: Transaction) -> None:
    failing = read_failing(tx)
    if not failing:
        clear_alarm(tx, name=FAILS_ALARM)
        return
    text = "; ".join(map(str, failing))
    since = min(each.since for each in failing)
    raise_alarm(tx, name=FAILS_ALARM, text=text, now=since)


def _read_failing(tx: Transaction, mode: str) -> Failing | None:
    kept = read_fact(tx, _FAILING.format(mode=mode))
    if kept is None:
        return None
    told = as_object(load_json(kept[0]))
    count = told.get("count")
    return Failing(
        mode=mode,
        since=parse_instant(told.get("since")) or kept[1],
        last_at=kept[1],
        count=count if isinstance(count, int) else 1,
        words=as_text(told.get("words")) or "",
    )
