"""A product's story: in order, with reasons, and with what happens next."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cli.views.next_steps import describe_schedules, list_next_steps
from cli.views.timeline import build_timeline, describe_changed
from cli.views.why import Story
from cli.views.why_json import why_object
from deployments.catalogue import Cron, DeploymentSpec, Every
from pim.ids import EventId, OrderNumber, ProductKey, RunId
from storage.inbox.listed_events import ListedEvent
from storage.inbox.settling import EventRowId
from storage.products.changes import Change
from storage.products.differences import Changed
from storage.products.holds import HeldDeletion
from storage.state.source import BreakerView
from storage.views.history import History, ProductState, Sighting


@pytest.fixture
def event(now: datetime) -> ListedEvent:
    return ListedEvent(
        row_id=EventRowId(1),
        event_id=EventId("e-1"),
        number=OrderNumber(5),
        action="product.updated",
        resource_key="sku-1",
        identifier="SKU-1",
        occurred_at=now - timedelta(minutes=6),
        author="julia",
        received_at=now - timedelta(minutes=5),
        state="due",
        reason=None,
        attempts=0,
        not_before=None,
        settled_at=None,
        run_id=None,
    )


@pytest.fixture
def applied(event: ListedEvent, now: datetime) -> ListedEvent:
    return replace(
        event, state="applied", reason="read at 11:59", settled_at=now, run_id=RunId("run-7")
    )


@pytest.fixture
def change(now: datetime) -> Change:
    return Change(
        seq=1,
        key=ProductKey("sku-1"),
        op="updated",
        changed=(Changed("name", locale="en_US", scope="web"), Changed("categories", field=True)),
        cause="event",
        run_id=RunId("run-7"),
        at=now,
    )


@pytest.fixture
def hold(now: datetime) -> HeldDeletion:
    return HeldDeletion(
        id=1,
        key=ProductKey("sku-1"),
        identifier="SKU-1",
        cause="sweep",
        run_id=RunId("run-8"),
        held_at=now - timedelta(minutes=1),
        events=0,
    )


def story(*events: ListedEvent, **rest: tuple[object, ...]) -> History:
    parts = {"changes": (), "holds": (), **rest}
    return History(product=None, events=events, **parts)  # type: ignore[arg-type]


def test_told_then_changed_then_settled_though_written_at_one_instant(
    applied: ListedEvent, change: Change, hold: HeldDeletion
) -> None:
    moments = build_timeline(story(applied, changes=(change,), holds=(hold,)))

    assert [(moment.kind, moment.run_id) for moment in moments] == [
        ("told", None),
        ("held", "run-8"),
        ("changed", "run-7"),
        ("settled", "run-7"),
    ]
    assert moments[0].text == "product.updated e-1 by julia"
    assert moments[2].text == "updated: name (en_US, web), categories (cause: event)"
    assert moments[3].text == (
        "applied: the PIM was asked, and what it showed was written (read at 11:59) "
        "[product.updated e-1]"
    )


def test_the_stored_read_comes_after_what_it_answers_though_the_pim_says_whole_seconds(
    applied: ListedEvent, change: Change, now: datetime
) -> None:
    told = now - timedelta(milliseconds=100)
    product = ProductState(
        key=ProductKey("sku-1"),
        uuid=None,
        identifier="SKU-1",
        family=None,
        parent=None,
        updated=now,
        content_hash="",
        deleted_at=None,
        read_from=applied.number + 1,
        read_to=applied.number + 2,
        read_at=now - timedelta(seconds=1),
        written_at=now,
        catalog_version=1,
        source=None,
        document=None,
    )
    event = replace(applied, received_at=told)
    history = replace(story(event, changes=(change,)), product=product)
    moments = build_timeline(history)
    assert [moment.kind for moment in moments] == ["told", "read", "changed", "settled"]
    assert moments[1].run_id == "run-7"


def test_a_reconcile_is_named_by_what_it_found(change: Change, now: datetime) -> None:
    run = Sighting(RunId("run-7"), "reconcile", "full", False, "done", now, now, drift="orphan")  # noqa: FBT003 - as stored
    caused = replace(change, cause="sweep", op="deleted", changed=())
    (moment,) = build_timeline(story(changes=(caused,), sightings=(run,)))
    assert moment.text == "deleted (cause: a full reconcile that found it orphan)"


def test_a_long_list_of_changes_is_cut_and_counted() -> None:
    changed = [Changed(f"a{number}") for number in range(11)]
    assert describe_changed(changed).endswith("a7 and 3 more")


def test_a_due_event_waits_for_the_next_drain(
    event: ListedEvent, quiet: BreakerView, now: datetime
) -> None:
    first = list_next_steps(story(event), quiet, now=now)[0]
    assert first == "1 event due: the next drain reads the product from the PIM"


def test_a_due_event_waits_for_a_pim_that_fails(
    event: ListedEvent, failing: BreakerView, now: datetime
) -> None:
    first = list_next_steps(story(event), failing, now=now)[0]
    assert first == "1 event due, and the PIM fails: next try in 40 s (cannot connect)"


def test_an_event_that_failed_says_when_it_is_tried_again(
    event: ListedEvent, quiet: BreakerView, now: datetime
) -> None:
    waiting = replace(
        event,
        state="waiting",
        attempts=2,
        reason="status 422",
        not_before=now + timedelta(minutes=1),
    )
    first = list_next_steps(story(waiting), quiet, now=now)[0]
    assert first == "event e-1 is tried again in 1 min, after attempt 2 (status 422)"


def test_a_person_is_told_which_command_helps(
    event: ListedEvent, hold: HeldDeletion, quiet: BreakerView, now: datetime
) -> None:
    dead = replace(event, state="dead", settled_at=now)
    steps = list_next_steps(story(dead, holds=(hold,)), quiet, now=now)
    assert any("akeneo-sync approve" in step for step in steps)
    assert any("akeneo-sync replay" in step for step in steps)


def test_even_when_nothing_is_due_a_reconcile_comes(
    applied: ListedEvent, quiet: BreakerView, now: datetime
) -> None:
    (only,) = list_next_steps(story(applied), quiet, now=now)
    assert only.startswith("a reconcile compares it with the PIM: ")
    assert "full daily at 02:30 UTC" in only


def test_schedules_are_said_as_people_say_them() -> None:
    def planned(flow: str, name: str, schedule: Cron | Every | None) -> DeploymentSpec:
        return DeploymentSpec(flow, name, "flows.x.x", "", (), schedule)

    said = describe_schedules(
        [
            planned("reconcile", "delta", Every(timedelta(minutes=10))),
            planned("reconcile", "full", Cron("5 2 * * *")),
            planned("reconcile", "weekly", Cron("0 3 * * 0")),
            planned("reconcile", "by-hand", None),
            planned("housekeeping", "hourly", Every(timedelta(hours=1))),
        ]
    )

    assert said == (
        "delta every 10 min, full daily at 02:05 UTC, weekly at 0 3 * * 0 (cron line, UTC)"
    )
    assert describe_schedules([]).startswith("none is scheduled")


def test_json_tells_the_same_story(applied: ListedEvent, change: Change) -> None:
    history = story(applied, changes=(change,))

    shown = json.loads(json.dumps(why_object("SKU-1", [Story(history, ["wait"])])))

    assert shown["asked"] == "SKU-1"
    (product,) = shown["products"]
    assert product["product"] is None
    assert [moment["kind"] for moment in product["timeline"]] == ["told", "changed", "settled"]
    assert product["events"][0]["state"] == "applied"
    assert product["changes"][0]["changed"][0]["code"] == "name"
    assert (product["held"], product["next"]) == (False, ["wait"])
