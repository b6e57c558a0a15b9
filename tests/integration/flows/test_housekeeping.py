"""A housekeeping as a run does it, without Prefect: what it removes, records and tells."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.retention.report import Tidied, TidyReport
from flows.retention.run import HistoryTidier, Step, run_housekeeping
from pim.events import Batch
from pim.ids import RunId
from pim.vocabulary import Channel, Outcome
from settings import Settings, load_settings
from settings.model import Retention
from storage import Store, migrate, open_store
from storage.inbox import store_batch
from storage.inbox.listed_events import list_events
from storage.inbox.settling import Settlement
from storage.state.alarms import list_alarms, raise_alarm
from storage.state.runs import list_runs
from tests.store_builders import make_event, settle_as_drain

BODY = b"<a raw body>" * 1000


@pytest.fixture
def settings(store_url: str, tmp_path: Path) -> Settings:
    """No PIM is configured: housekeeping needs none."""
    return load_settings({"SYNC_DATABASE_URL": store_url}, root=tmp_path)


async def plainly(_name: str, step: Step) -> Mapping[str, Tidied]:
    return await step()


async def no_history(
    keep: Retention, *, work_pool: str, now: datetime, ends_at: float
) -> Mapping[str, Tidied]:
    del keep, work_pool, now, ends_at
    return {}


async def broken_server(
    keep: Retention, *, work_pool: str, now: datetime, ends_at: float
) -> Mapping[str, Tidied]:
    del keep, work_pool, now, ends_at
    raise ConnectionError("no Prefect server")


def keep_house(settings: Settings, history: HistoryTidier = no_history) -> TidyReport:
    tidying = run_housekeeping(
        settings, run_id=RunId("run"), cause="test", runner=plainly, tidy_history=history
    )
    return asyncio.run(tidying)


def deliver_settled(store: Store, *, age: timedelta, count: int = 1) -> None:
    then = datetime.now(UTC) - age
    with store.transaction() as tx:
        for number in range(count):
            event = make_event(number, event_id=f"{age} {number}")
            store_batch(
                tx,
                channel=Channel.EVENTS_API,
                raw=BODY,
                batch=Batch((event,), ()),
                received_at=then,
            )
        rows = [event.row_id for event in list_events(tx, state="due", limit=count)]
        settlements = [Settlement(row, Outcome.APPLIED) for row in rows]
        settle_as_drain(tx, settlements, run_id=RunId("drain"), now=then)


def test_each_kind_goes_when_its_time_has_come(settings: Settings, store: Store) -> None:
    deliver_settled(store, age=timedelta(minutes=1))
    deliver_settled(store, age=timedelta(hours=1), count=45)  # more than one step takes
    deliver_settled(store, age=timedelta(hours=50), count=2)
    deliver_settled(store, age=timedelta(days=15), count=3)

    report = keep_house(settings)

    rows = {name: tidied.rows for name, tidied in report.done.items() if tidied.rows}
    assert rows == {
        "bodies compressed": 50,
        "bodies dropped": 5,
        "events removed": 3,
        "deliveries removed": 3,
    }
    assert report.done["bodies compressed"].bytes_freed > 40 * len(BODY)
    with store.read() as tx:
        (run,) = list_runs(tx, flow="housekeeping")
    assert (run.state, run.report["summary"]) == ("done", report.summary())


def test_runs_that_were_missed_together_do_the_work_once(settings: Settings, store: Store) -> None:
    deliver_settled(store, age=timedelta(hours=1))
    reports = [keep_house(settings) for _ in range(3)]
    assert [report.skipped is None for report in reports] == [True, False, False]
    assert reports[2].summary().startswith("nothing to do: another housekeeping began ")
    with store.read() as tx:
        assert len(list_runs(tx, flow="housekeeping")) == 1


def test_a_prefect_server_that_fails_does_not_keep_the_store_full(
    settings: Settings, store: Store
) -> None:
    deliver_settled(store, age=timedelta(hours=1))
    report = keep_house(settings, broken_server)
    assert report.done["bodies compressed"].rows == 1
    assert report.problems == ["tidy-runs failed: no Prefect server"]
    with store.read() as tx:
        assert [run.state for run in list_runs(tx, flow="housekeeping")] == ["failed"]
        assert list_alarms(tx) == []  # once may be a busy server
    # A failed one does not make the next one wait.
    assert keep_house(settings, broken_server).skipped is None
    with store.read() as tx:
        (alarm,) = list_alarms(tx)
    assert alarm.name == "housekeeping-fails"
    assert "tidy-runs failed: no Prefect server" in alarm.text
    assert keep_house(settings).skipped is None
    with store.read() as tx:
        assert list_alarms(tx) == []


def test_the_disks_alarm_is_over_when_there_is_room_again(settings: Settings, store: Store) -> None:
    with store.transaction() as tx:
        raise_alarm(tx, name="disk", text="little room is left", now=datetime.now(UTC))
        raise_alarm(tx, name="no-worker", text="not ours", now=datetime.now(UTC))
    report = keep_house(settings)
    assert not any(room.is_little for room in report.rooms)
    with store.read() as tx:
        assert [alarm.name for alarm in list_alarms(tx)] == ["no-worker"]


def test_the_databases_sizes_are_told(sqlite_url: str, tmp_path: Path) -> None:
    migrate(sqlite_url)
    settings = load_settings({"SYNC_DATABASE_URL": sqlite_url}, root=tmp_path)
    settings.prefect_home.mkdir(parents=True)
    (settings.prefect_home / "prefect.db").write_bytes(b"x" * 5000)
    report = keep_house(settings)
    assert report.sizes["Prefect"] == "5.0 kB"
    assert report.sizes["store"].partition(", ")[0].endswith(" kB")  # and what is free in it
    store = open_store(sqlite_url)
    with store.read() as tx:
        (run,) = list_runs(tx)
    store.close()
    assert run.report["sizes"] == report.sizes
