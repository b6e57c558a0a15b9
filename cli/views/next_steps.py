"""Next steps of a product: what will happen to it, and what a person could do. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from cli.output import say_ago, say_count, say_span
from deployments.catalogue import DEPLOYMENTS, Cron, DeploymentSpec, Every
from storage.inbox import ListedEvent
from storage.state import BreakerView
from storage.views import History

FLOW = "reconcile"

_DAILY = re.compile(r"(?P<minute>\d+) (?P<hour>\d+) \* \* \*")


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
        dead_letters = say_count(len(dead), "dead letter")
        which = dead[0].event_id if len(dead) == 1 else "EVENT_ID"
        steps.append(
            f"{dead_letters}: `akeneo-sync replay {which}` tries again, `discard` gives up"
        )
    if history.product is not None and history.product.deleted_at is not None:
        steps.append("it stays deleted unless the PIM shows it again, under this key")
    return [*steps, f"a reconcile compares it with the PIM: {describe_schedules(DEPLOYMENTS)}"]


def describe_schedules(deployments: Iterable[DeploymentSpec]) -> str:
    """Say when each scheduled reconcile runs: `full daily at 02:30 UTC, delta every 10 min`."""
    planned = [
        f"{spec.name} {_describe_schedule(spec.schedule)}"
        for spec in deployments
        if spec.flow_name == FLOW and spec.schedule is not None
    ]
    return ", ".join(planned) or "none is scheduled; run `akeneo-sync reconcile`"


def describe_next_sweep(name: str) -> str:
    """Name a scheduled reconcile with its time: `the next delta reconcile (every 10 min)`."""
    for spec in DEPLOYMENTS:
        if spec.flow_name == FLOW and spec.name == name and spec.schedule is not None:
            return f"the next {name} reconcile ({_describe_schedule(spec.schedule)})"
    return "a reconcile"


def _describe_schedule(schedule: Cron | Every) -> str:
    match schedule:
        case Every():
            return f"every {say_span(schedule.interval)}"
        case Cron():
            daily = _DAILY.fullmatch(schedule.line)
            if daily is None:
                return f"at {schedule.line} (cron line, UTC)"
            return f"daily at {int(daily['hour']):02}:{int(daily['minute']):02} UTC"
        case _:
            assert_never(schedule)


def _describe_due(due: list[ListedEvent], breaker: BreakerView, now: datetime) -> str:
    events = say_count(len(due), "event")
    if breaker.next_try_at is not None:
        later = say_ago(breaker.next_try_at, now=now)
        return f"{events} due, and the PIM fails: next try {later} ({breaker.reason})"
    return f"{events} due: the next drain reads the product from the PIM"


def _describe_waiting(event: ListedEvent, now: datetime) -> str:
    when = say_ago(event.not_before, now=now) if event.not_before else "soon"
    reason = f" ({event.reason})" if event.reason else ""
    return f"event {event.event_id} is tried again {when}, after attempt {event.attempts}{reason}"
