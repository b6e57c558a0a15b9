"""What must hold after kills: nothing acknowledged is lost, nothing hangs, store equals source."""

import asyncio
import time
from collections import Counter

from tests.night import Night
from tests.night_parts import wait_until


def come_to_rest(night: Night, what: str, *, loses: bool = False) -> str:
    """Stop the edits, let everything end, check all that must hold; answer a line about it.

    Where the drill `loses` deliveries (nobody acknowledges them), one full reconcile makes up for
    them; where it does not, every one was taken, and events alone have kept the store true.
    """
    night.edit(0)
    began = time.monotonic()
    drained = wait_until(night.is_drained, lambda: f"the inbox to be drained: {describe(night)}")
    inbox = night.inbox()
    assert night.relay.acknowledged <= inbox.keys()
    unsettled = {event: state for event, state in inbox.items() if state in {"due", "waiting"}}
    assert not unsettled
    dead = sum(state == "dead" for state in inbox.values())
    lost = night.relay.lost - night.forgiven
    # On a busy machine a living receiver may say that it could not store in time.
    refused = lost & night.relay.refused
    assert loses or lost == refused, f"{night.relay.answers}"
    if lost:
        reconcile(night)
        night.forgiven |= lost
    assert night.shop.sources() == night.shop.truth()
    equal = time.monotonic() - began
    wait_until(
        lambda: not night.prefect.at_work(),
        lambda: f"runs that nobody works at to be marked: {describe(night)}",
        seconds=600,
    )
    settle_one_more(night)
    states = Counter(
        str(run["state_name"]) for run in night.prefect.runs("CRASHED", "FAILED", "CANCELLED")
    )
    return (
        f"{what}: drained {drained:.0f} s, store = source {equal:.0f} s after the last; "
        f"{len(night.relay.acknowledged)} events acknowledged, {len(lost)} lost "
        f"({len(refused)} of them refused with 503), {dead} dead; "
        f"runs so far {dict(states)}; alarms so far {dict(night.alarms)}"
    )


def reconcile(night: Night) -> None:
    """A full reconcile; one that a kill left its lease to is waited for."""
    end = time.monotonic() + 120
    while True:
        held = asyncio.run(night.shop.reconcile()).stood_by
        if held is None:
            return
        if time.monotonic() > end:
            raise AssertionError(held)
        time.sleep(1)  # noqa: TID251 - a lease is waited for


def settle_one_more(night: Night) -> None:
    """Show that nothing hangs: an edit still comes through by itself."""
    known = set(night.relay.acknowledged)
    while not night.relay.acknowledged - known:
        night.shop.control("edits", {"operations": 1})
    wait_until(night.is_drained, lambda: f"one more event to be settled: {describe(night)}")


def describe(night: Night) -> str:
    """What an operator would look at."""
    status = night.shop.status()
    at_work = night.prefect.at_work() if night.prefect.answers() else "unknown"
    alive = [part.name for part in (night.receiver, night.worker, night.up) if part.is_running()]
    return (
        f"{status.inbox}, {status.door}, alarms {[alarm.text for alarm in status.alarms]}, "
        f"at work {at_work}, alive {alive}"
    )
