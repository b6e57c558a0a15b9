"""What needs a person, decided from stored facts whenever somebody looks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from deployments.catalogue import RECONCILE_DELTA, Every
from pim.ids import Generation
from storage.inbox.door import DoorView
from storage.state.alarms import Alarm
from storage.state.source import BreakerView
from storage.state.sweep_alarms import Failing
from storage.state.sweeps import SweepView
from storage.state.watch import Watch
from storage.views.needs import OVERDUE_AFTER, FirstSweep, Seen, Upkeep, list_needs

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
QUIET = BreakerView(False, None, None, 0, None)  # noqa: FBT003
DOOR = DoorView(False, False, Generation("g"), 0, None, None, None, None, None)  # noqa: FBT003


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def sweep(name: str, *, ended: datetime | None = None, began: datetime | None = None) -> SweepView:
    """A sweep that ended then; one that has only begun is running."""
    return SweepView(
        name=name,
        running=ended is None,
        position=None,
        counts={},
        watermark=ended,
        started_at=began or ended,
        finished_at=ended,
    )


def well(**upkeep: object) -> Seen:
    """A store that is looked after for weeks, and swept lately."""
    watch = Watch(since=ago(days=20), at=ago(seconds=30))
    swept = [
        sweep("products/full", ended=ago(hours=9)),
        sweep("products/delta", ended=ago(minutes=9)),
    ]
    kept = replace(Upkeep(read_at=NOW, watch=watch), **upkeep)  # type: ignore[arg-type]
    return Seen((), QUIET, DOOR, swept, 0, 0, kept)


def told(seen: Seen) -> dict[str, str]:
    return {need.name: need.text for need in list_needs(seen)}


def with_sweeps(seen: Seen, *sweeps: SweepView) -> Seen:
    listed: Sequence[SweepView] = sweeps
    return replace(seen, sweeps=listed)


def test_nothing_is_needed_where_all_is_well() -> None:
    assert told(well()) == {}


def test_the_limits_leave_room_for_the_schedule() -> None:
    schedule = RECONCILE_DELTA.schedule
    assert isinstance(schedule, Every)
    assert OVERDUE_AFTER["delta"] >= 2 * schedule.interval
    assert OVERDUE_AFTER["full"] > timedelta(days=1)


def test_the_source_dead_letters_and_held_deletions_are_named() -> None:
    failing = replace(QUIET, failing_since=ago(minutes=7), failures=1, reason="cannot connect")
    seen = replace(well(), breaker=failing, dead=2, held_deletions=1)
    assert told(seen) == {
        "source-failing": "the PIM fails (1 try): cannot connect",
        "dead-letters": "2 dead letters",
        "held-deletions": "1 deletion held",
    }


def test_a_store_that_takes_no_write_comes_first() -> None:
    raised = [Alarm("disk", NOW, "little room")]
    seen = replace(well(), alarms=raised, unwritable="the disk is full")
    assert list(told(seen)) == ["store-not-writable", "disk"]
    assert "the disk is full" in told(seen)["store-not-writable"]


def test_a_sweep_that_does_not_come_is_overdue_with_the_reason() -> None:
    full = sweep("products/full", ended=ago(hours=27))
    late = with_sweeps(well(), full, sweep("products/delta", ended=ago(minutes=31)))
    text = told(late).get("sweep-overdue", "")
    assert "no full sweep since 2026-11-22 09:00 UTC" in text
    assert "no delta sweep since 2026-11-23 11:29 UTC" in text
    assert "Prefect starts none, or it hangs or is killed" in text
    gone = replace(late, alarms=[Alarm("worker-gone", NOW, "no worker")])
    assert "see worker-gone" in told(gone)["sweep-overdue"]
    watch = Watch(since=ago(days=20), at=NOW, idle={"full": "its schedule is paused"})
    paused = with_sweeps(well(watch=watch), full)
    assert told(paused)["sweep-overdue"].endswith("its schedule is paused")


def test_a_full_sweep_is_the_deltas_work_too_and_a_failed_one_has_come() -> None:
    assert told(with_sweeps(well(), sweep("products/full", ended=ago(minutes=5)))) == {}
    failing = Failing("delta", since=ago(hours=2), last_at=ago(minutes=3), count=12, words="-")
    old = sweep("products/full", ended=ago(hours=9))
    assert told(with_sweeps(well(failing=(failing,)), old)) == {}


def test_while_everything_is_compared_nothing_is_overdue_within_reason() -> None:
    long = sweep("products/full", began=ago(hours=20))
    assert told(with_sweeps(well(), long)) == {}
    hanging = sweep("products/full", began=ago(hours=27))
    assert "sweep-overdue" in told(with_sweeps(well(), hanging))


def test_nothing_is_overdue_just_after_a_start_or_where_nobody_looks_after_it() -> None:
    old = sweep("products/full", ended=ago(days=7))
    for watch in (
        None,
        Watch(since=ago(minutes=9), at=NOW),
        Watch(since=ago(days=20), at=ago(days=6)),
    ):
        assert told(with_sweeps(well(watch=watch), old)) == {}


def test_a_store_that_was_never_filled_needs_a_person_unless_that_is_under_way() -> None:
    def after(state: str, **more: object) -> dict[str, str]:
        seen = with_sweeps(well(first_sweep=FirstSweep(state, NOW), **more))
        return {name: text for name, text in told(seen).items() if name == "first-sweep"}

    young = Watch(since=ago(minutes=9), at=NOW)
    assert after("none")
    assert after("stopped")
    assert not after("under-way")
    assert not after("none", watch=young)


def test_an_event_that_waits_too_long_names_what_explains_it() -> None:
    seen = well(due_since=ago(minutes=11))
    assert told(seen) == {
        "oldest-due": "the oldest due event waits since 2026-11-23 11:49 UTC: "
        "nothing else explains it"
    }
    failing = replace(QUIET, failing_since=ago(minutes=12), reason="away")
    assert "see source-failing" in told(replace(seen, breaker=failing))["oldest-due"]
    paused = [Alarm("work-queue-paused", NOW, "paused")]
    assert "see work-queue-paused" in told(replace(seen, alarms=paused))["oldest-due"]
    busy = replace(DOOR, open=True, alive=True, opened_at=ago(minutes=15))
    text = told(replace(seen, door=busy))["oldest-due"]
    assert text.endswith("a drain is at work since 2026-11-23 11:45 UTC")


def test_an_event_has_its_time_from_when_somebody_looks_after_things() -> None:
    woken = Watch(since=ago(minutes=2), at=NOW)
    assert told(well(due_since=ago(days=7), watch=woken)) == {}
    assert told(well(due_since=ago(minutes=9))) == {}
