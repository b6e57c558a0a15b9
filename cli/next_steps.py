"""What happens next to a product: pure."""

from datetime import datetime

from cli.output import say_ago, say_count
from storage.breaker import BreakerView
from storage.history import History
from storage.letters import ListedEvent

_SWEEP = "a reconcile compares it with the PIM: changes every 10 minutes, everything each night"


def list_next_steps(history: History, breaker: BreakerView, *, now: datetime) -> list[str]:
    """Say what will happen, the nearest first, and what a person could do."""
    steps = []
    due = [event for event in history.events if event.state == "due"]
    waiting = [event for event in history.events if event.state == "waiting"]
    dead = [event for event in history.events if event.state == "dead"]
    if due:
        steps.append(_describe_due(due, breaker, now))
    steps += [_describe_waiting(event, now) for event in waiting]
    if history.holds:
        steps.append("a deletion is held: `akeneo-sync approve` decides it")
    if dead:
        letters = say_count(len(dead), "dead letter")
        steps.append(f"{letters}: `akeneo-sync replay EVENT_ID` tries again, `discard` gives up")
    return [*steps, _SWEEP]


def _describe_due(due: list[ListedEvent], breaker: BreakerView, now: datetime) -> str:
    events = say_count(len(due), "event")
    if breaker.blocked and breaker.blocked_until is not None:
        later = say_ago(breaker.blocked_until, now=now)
        return f"{events} due, and the PIM fails: next try {later} ({breaker.reason})"
    return f"{events} due: the next drain reads the product from the PIM"


def _describe_waiting(event: ListedEvent, now: datetime) -> str:
    when = say_ago(event.not_before, now=now) if event.not_before else "soon"
    reason = f" ({event.reason})" if event.reason else ""
    return f"event {event.event_id} is tried again {when}, after attempt {event.attempts}{reason}"
