"""From what a write did to how its events end: pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import assert_never

from pim.ids import ProductKey
from pim.vocabulary import Outcome
from storage.differences import Changed
from storage.events import DueEvent, Settlement
from storage.products import WriteResult, Written

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=10)


def settle_by_result(events: Sequence[DueEvent], result: WriteResult) -> list[Settlement]:
    """Settle the events of one product by its one read: the newest tells, the rest are coalesced.

    Empty where the write decided nothing yet (contended, rewound-suspect): read again first.
    """
    outcome = written_outcome(result)
    if outcome is None or not events:
        return []
    return settle_together(events, outcome, _written_reason(result))


def settlements_of(
    events: Mapping[ProductKey, Sequence[DueEvent]], results: Mapping[ProductKey, WriteResult]
) -> list[Settlement]:
    """The settlements that a set of write results decides, in event order."""
    settlements = [
        settlement
        for key, result in results.items()
        for settlement in settle_by_result(events.get(key, ()), result)
    ]
    return sorted(settlements, key=lambda settlement: settlement.row_id)


def settle_together(
    events: Sequence[DueEvent], outcome: Outcome, reason: str | None
) -> list[Settlement]:
    """Settle the events of one thing: the newest with the outcome, the rest as coalesced."""
    newest = max(events, key=lambda event: event.number)
    # The shop has waited since the first of them, however late the newest came.
    told_at = min(event.received_at for event in events) if outcome is Outcome.APPLIED else None
    return [
        Settlement(event.row_id, outcome, reason, told_at)
        if event is newest
        else Settlement(event.row_id, Outcome.COALESCED, f"settled with event {newest.event_id}")
        for event in sorted(events, key=lambda event: event.row_id)
    ]


def written_outcome(result: WriteResult) -> Outcome | None:
    """Name the outcome of a write; None where the product must be read once more."""
    match result.written:
        case Written.CREATED | Written.UPDATED | Written.RESTORED:
            return Outcome.APPLIED
        case Written.UNCHANGED:
            return Outcome.UNCHANGED
        case Written.DELETED | Written.ABSENT:
            return Outcome.GONE
        case Written.OUTDATED:
            return Outcome.COVERED
        case Written.CONTENDED | Written.REWOUND_SUSPECT:
            return None
        case _:
            assert_never(result.written)


def _written_reason(result: WriteResult) -> str | None:
    match result.written:
        case Written.ABSENT:
            return "it does not have it, and the store did not"
        case Written.DELETED:
            return "it does not have it any more: confirmed by a read of its own"
        case Written.OUTDATED:
            return "a read that began after this one's answer was stored meanwhile"
        case Written.RESTORED:
            return "it is back: the store held a tombstone"
        case _ if result.rewound:
            return "the source went back to an older state; confirmed by a second read"
        case _:
            return None


def unnames(result: WriteResult) -> bool:
    """Whether answers about others changed with it: they named it so, or are its partners."""
    gone = result.written in {Written.DELETED, Written.ABSENT}
    return gone or Changed("identifier", field=True) in result.changed or result.has_partners


def retry_delay(attempts: int) -> timedelta:
    """How long a product that failed alone waits: 5 s, then four times as long, up to 10 min."""
    delay: timedelta = FIRST_RETRY * 4 ** max(0, attempts - 1)
    return min(LONGEST_RETRY, delay)
