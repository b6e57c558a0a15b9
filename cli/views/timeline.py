"""Timeline of one product: what happened, in order, and what each outcome means. Pure."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pim.event_platform import short_type
from pim.ids import RunId
from storage.inbox import ListedEvent
from storage.products import Change, Changed, HeldDeletion
from storage.views import History, ProductState, Sighting

_MEANINGS = {
    "applied": "the PIM was asked, and what it showed was written",
    "unchanged": "the PIM was asked, and showed what the store had already",
    "outdated": "the PIM was not asked",
    "covered": "the PIM was not asked again",
    "coalesced": "the PIM was asked once for several events",
    "gone": "the PIM was asked",
    "filtered": "nothing was to be done",
    "dead": "given up",
    "held": "nothing is deleted until a person decides",
    "waiting": "put off",
    "due": "no drain has looked at it yet",
}

ASKED = frozenset({"applied", "unchanged", "gone"})
"""Outcomes that the event's own run has read the product for."""

_MOST_CHANGED = 8
_SHORT = 8


def explain_outcome(event: ListedEvent) -> str:
    """Say an event's state, what it means, and the reason that was recorded."""
    meaning = _MEANINGS.get(event.state)
    said = f"{event.state}: {meaning}" if meaning else event.state
    reason = f" ({event.reason})" if event.reason else ""
    tries = f", at attempt {event.attempts}" if event.attempts > 1 else ""
    return f"{said}{tries}{reason}"


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry; `run_id` is the run that did it.

    `kind`: told (by the PIM), read (from it), changed, settled, held, decided (by a person), swept.
    """

    at: datetime
    kind: str
    text: str
    run_id: str | None = None


# What falls on one instant happened in this order: told, read, written, settled in the same
# transaction.
_ORDER = ("told", "read", "changed", "settled", "held", "decided", "swept")


def build_timeline(history: History) -> list[Moment]:
    """Return all moments, oldest first."""
    runs = {run.run_id: run for run in history.sightings}
    moments = [moment for event in history.events for moment in _event_moments(event)]
    for event in history.kin:
        about = f"{_action(event)} {event.event_id} about its model {event.identifier}"
        told_of = f"{about}: {event.state}"
        moments.append(Moment(event.received_at, "told", told_of, event.run_id))
    moments += [_change_moment(change, runs) for change in history.changes]
    for hold in _holds(history):
        moments += _hold_moments(hold, runs)
    told = {change.run_id for change in history.changes if change.op != "rendered"}
    told |= {hold.run_id for hold in _holds(history)}
    if history.product is not None:  # reports tell of products
        moments += [_sweep_moment(run) for run in history.sightings if _is_worth_telling(run, told)]
        moments.append(_read_moment(history.product, history))
    return sorted(moments, key=lambda moment: (moment.at, _ORDER.index(moment.kind)))


def _holds(history: History) -> tuple[HeldDeletion, ...]:
    return (*history.holds, *history.past_holds)


def describe_changed(changed: Iterable[Changed]) -> str:
    """Say what changed: fields and attributes, with their locale and scope."""
    names = [name_changed(item) for item in changed]
    more = len(names) - _MOST_CHANGED
    return ", ".join(names[:_MOST_CHANGED]) + (f" and {more} more" if more > 0 else "")


def name_changed(item: Changed) -> str:
    """Name one of them: `name (en_US, ecommerce)`."""
    where = ", ".join(part for part in (item.locale, item.scope) if part)
    return f"{item.code} ({where})" if where else item.code


def _event_moments(event: ListedEvent) -> list[Moment]:
    about = f"{_action(event)} {event.event_id}"
    author = f" by {event.author}" if event.author else ""
    delivery = f", in delivery {event.batch_id}" if event.batch_id is not None else ""
    hint = f", which says it changed: {event.hint}" if event.hint else ""
    moments = [Moment(event.received_at, "told", f"{about}{author}{delivery}{hint}")]
    if event.settled_at is not None:
        # The event again, in few letters: a whole id would be a line of its own.
        short = f"{_action(event)} {event.event_id[:_SHORT]}"
        text = f"{explain_outcome(event)} [{short}]"
        moments.append(Moment(event.settled_at, "settled", text, event.run_id))
    return moments


def _action(event: ListedEvent) -> str:
    return short_type(event.action) if event.action else "unusable event"


def _change_moment(change: Change, runs: Mapping[RunId, Sighting]) -> Moment:
    what = describe_changed(change.changed)
    text = f"{change.op}{f': {what}' if what else ''} (cause: {_cause(change, runs)})"
    return Moment(change.at, "changed", text, change.run_id)


def _cause(change: Change | HeldDeletion, runs: Mapping[RunId, Sighting]) -> str:
    """Name the kind of reconcile and what it found; another cause as it is stored."""
    run = runs.get(change.run_id) if change.run_id is not None else None
    if run is None or change.cause != "sweep":
        return change.cause
    found = f" that found it {run.drift}" if run.drift else ""
    return f"{_kind_of(run)} reconcile{found}"


def _kind_of(run: Sighting) -> str:
    return f"a {run.mode}" if run.mode else "a"


def _hold_moments(hold: HeldDeletion, runs: Mapping[RunId, Sighting]) -> list[Moment]:
    cause = _cause(hold, runs)
    text = f"the PIM does not show it, and nobody told of a deletion: kept, held (cause: {cause})"
    moments = [Moment(hold.held_at, "held", text, hold.run_id)]
    if hold.decided_at is not None:
        moments.append(Moment(hold.decided_at, "decided", f"the held deletion was {hold.state}"))
    return moments


def _is_worth_telling(run: Sighting, told: Container[RunId | None]) -> bool:
    """Not a run whose change says already what it found."""
    compared = run.mode == "full" and run.state == "done"
    return bool(run.failed) or (run.run_id not in told and (compared or bool(run.drift)))


def _sweep_moment(run: Sighting) -> Moment:
    said = f"{_kind_of(run)} reconcile"
    if run.dry_run:
        said = f"{said} that repairs nothing (dry run)"
    if run.failed:
        found = f"could not use what it read: {run.failed}"
    elif run.drift:
        found = f"found it {run.drift}: store and PIM differed"
    else:
        found = "compared all products, and reports no difference of this one"
    return Moment(run.finished_at or run.started_at, "swept", f"{said} {found}", run.run_id)


def _read_moment(product: ProductState, history: History) -> Moment:
    """The stored read. It is dated by the PIM's clock, in whole seconds: numbers order it."""
    before = [e for e in (*history.events, *history.kin) if e.number < product.read_from]
    at = max([product.read_at, *(event.received_at for event in before)])
    asked = [event for event in before if event.state in ASKED]
    by_drain = [event for event in asked if event.settled_at and event.settled_at >= at]
    by_sweep = [run for run in history.sightings if _was_at_work(run, at)]
    runs = [*(e.run_id for e in by_drain), *(run.run_id for run in by_sweep)]
    run_id = runs[0] if runs else None
    answer = "it has none such" if product.deleted_at else "it showed what is stored"
    numbers = f"read interval {product.read_from} to {product.read_to}"
    return Moment(at, "read", f"the PIM was last asked for it: {answer} ({numbers})", run_id)


def _was_at_work(run: Sighting, at: datetime) -> bool:
    return run.started_at <= at and (run.finished_at is None or at <= run.finished_at)
