"""The overview: in sentences, as what needs a person, and as JSON."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from cli.cures import find_refusal_cure
from cli.views.status import (
    describe_drain,
    describe_gap,
    describe_inbox,
    describe_made_up,
    describe_products,
    describe_refusals,
    describe_source,
    describe_subscriptions,
    list_attention,
    show_status,
)
from cli.views.status_json import status_object
from pim.signature import RefusalReason
from receiver.refusals import IntakeRefusal
from storage.inbox.refusals import Refusals
from storage.state.alarms import Alarm
from storage.state.gaps import Gap
from storage.state.source import BreakerView
from storage.state.subscriptions import StoredSubscription
from storage.state.sweeps import SweepView
from storage.views.status import Status


def refusals(reason: str, detail: str | None, now: datetime) -> Refusals:
    return Refusals(reason, 312, now - timedelta(hours=1, minutes=58), now, detail)


def test_refusals_say_since_when_how_many_and_why(now: datetime) -> None:
    said = describe_refusals(refusals("signature_unknown", None, now), now=now, zone=UTC)
    assert said == "since 10:02: 312 deliveries refused, signature unknown"


def test_a_clock_that_is_off_is_said_in_seconds(now: datetime) -> None:
    said = describe_refusals(refusals("clock_off", "clock off by 437 s", now), now=now, zone=UTC)
    assert said == "since 10:02: 312 deliveries refused, clock off by 437 s"


def test_a_reason_of_tomorrow_and_its_detail_are_shown_all_the_same(now: datetime) -> None:
    said = describe_refusals(refusals("too_large", "20 MB", now), now=now, zone=UTC)
    assert said == "since 10:02: 312 deliveries refused, too large (20 MB)"


def test_an_outage_of_the_store_is_said_with_its_reason(now: datetime) -> None:
    said = describe_refusals(
        refusals("store_not_writable", "database is locked", now), now=now, zone=UTC
    )
    assert said == (
        "since 10:02: 312 deliveries refused, the store could not be written (database is locked)"
    )


def test_connections_are_not_called_deliveries(now: datetime) -> None:
    said = describe_refusals(refusals("half_open", "1,000 at once", now), now=now, zone=UTC)
    assert said == (
        "since 10:02: 312 connections closed, without a whole request, too many at once"
        " (1,000 at once)"
    )


def test_each_reason_to_refuse_has_a_cure_of_its_own() -> None:
    reasons = {*RefusalReason, *IntakeRefusal}
    assert not [reason for reason in reasons if "receiver's log" in find_refusal_cure(reason)]
    cures = {find_refusal_cure(reason) for reason in reasons}
    assert len(cures) == len(reasons) - 1  # a header that is missing is a header that is missing
    assert "AKENEO_WEBHOOK_SECRETS" in find_refusal_cure("signature_unknown")
    assert "NTP" in find_refusal_cure("clock_off")


def test_which_sweep_made_up_for_lost_deliveries_is_said_once_it_has(
    well: Status, now: datetime
) -> None:
    lost = refusals("never_stored", None, now)
    sweep = SweepView(
        name="products/delta",
        running=False,
        position=None,
        counts={},
        watermark=now,
        started_at=now - timedelta(minutes=8),
        finished_at=now - timedelta(minutes=7),
    )
    swept = replace(well, sweeps=(sweep,))
    stands = replace(swept, alarms=(Alarm("refused", now, "312 deliveries were refused"),))

    def say(status: Status, seen: Refusals = lost) -> str:
        return describe_made_up(status, seen, now=now, zone=UTC)

    assert say(swept) == "; made up for by the sweep that ended 11:53"
    assert say(stands) == ""
    assert say(replace(well, sweeps=())) == ""
    assert say(swept, refusals("signature_unknown", None, now)) == ""


def test_the_inbox_counts_waiting_events_as_due(well: Status) -> None:
    inbox = replace(well.inbox, due=10, put_off=2, dead=3, held=1, oldest_due_seconds=130.0)
    assert describe_inbox(replace(well, inbox=inbox)) == (
        "12 events due (2 of them wait for their next try), the oldest for 2 min 10 s; "
        "1 held; 3 dead"
    )


def test_an_empty_inbox_names_no_age(well: Status) -> None:
    assert describe_inbox(well) == "0 events due; 0 held; 0 dead"


def test_the_drain_is_at_work_stopped_ended_or_was_never_there(well: Status, now: datetime) -> None:
    door = well.door
    at_work = replace(door, open=True, alive=True, opened_at=now - timedelta(seconds=75))
    lapsed = replace(door, open=True, alive=False)
    never = replace(door, closed_at=None, opened_at=None, run_id=None, run_name=None)

    def say(changed: object) -> str:
        return describe_drain(replace(well, door=changed), now=now)  # type: ignore[arg-type]

    assert say(at_work) == "at work since 1 min 15 s (calm-otter)"
    assert say(lapsed) == "stopped without closing (calm-otter); the next one takes over"
    assert say(door) == "none; the last one ended 5 min ago (calm-otter)"
    assert say(never) == "none has run yet"


def test_a_failing_pim_is_shown_with_reason_and_next_try(
    well: Status, failing: BreakerView, now: datetime
) -> None:
    blocked = replace(well, breaker=failing)
    probing = replace(well, breaker=replace(failing, blocked=False))

    assert describe_source(well, now=now) == "answers, as far as we know"
    known = replace(well, facts={"identity": "uuid", "version": "7.0.65"})
    assert describe_source(known, now=now).endswith("; version 7.0.65, products known by uuid")
    assert (
        describe_source(blocked, now=now, zone=UTC)
        == "fails since 11:53: cannot connect; next try in 40 s"
    )
    assert describe_source(probing, now=now, zone=UTC).endswith("the next run tries again")


def test_labels_still_to_be_rendered_are_counted(well: Status) -> None:
    assert describe_products(well) == "2,000 live, 1 tombstone"
    busy = replace(well, products=replace(well.products, marks_open=2))
    assert describe_products(busy) == "2,000 live, 1 tombstone; 2 changes of labels being rendered"


def test_nothing_needs_a_person_when_all_is_well(well: Status) -> None:
    assert list_attention(well) == []


def test_what_needs_a_person_comes_with_what_to_do(
    well: Status, failing: BreakerView, now: datetime
) -> None:
    status = replace(
        well,
        alarms=(Alarm("no-worker", now, "no worker takes the run"),),
        breaker=failing,
        inbox=replace(well.inbox, dead=2),
        products=replace(well.products, held_deletions=40),
    )

    found = {item.name: item for item in list_attention(status)}

    assert list(found) == ["no-worker", "source-failing", "dead-letters", "held-deletions"]
    assert "akeneo-sync worker" in found["no-worker"].advice
    assert found["source-failing"].text == "the PIM fails (4 tries): cannot connect"
    assert "akeneo-sync events --outcome dead" in found["dead-letters"].advice
    assert "akeneo-sync approve" in found["held-deletions"].advice
    assert all(item.advice for item in found.values())


@pytest.mark.parametrize(
    "name", ["prefect-unreachable", "deployment-missing", "work-pool-paused", "no-worker"]
)
def test_each_alarm_of_the_trigger_has_an_advice_of_its_own(
    well: Status, now: datetime, name: str
) -> None:
    known, unknown = list_attention(
        replace(well, alarms=(Alarm(name, now, "x"), Alarm("of-tomorrow", now, "x")))
    )
    assert known.advice != unknown.advice
    assert unknown.advice


def test_json_holds_the_fixed_keys(well: Status, now: datetime) -> None:
    shown = json.loads(json.dumps(status_object(well, now=now)))

    assert {"due", "dead", "held", "oldest_due_seconds"} <= shown["inbox"].keys()
    assert {"live", "tombstones"} <= shown["products"].keys()
    assert shown["drain"]["open"] is False
    assert shown["sweeps"] == []
    assert shown["alarms"] == []


def test_json_tells_sweeps_refusals_and_the_next_try(
    well: Status, failing: BreakerView, now: datetime
) -> None:
    sweep = SweepView(
        name="products/delta",
        running=False,
        position=None,
        counts={"read": 7},
        watermark=now,
        started_at=now,
        finished_at=now,
    )
    status = replace(
        well, sweeps=(sweep,), breaker=failing, refusals=(refusals("clock_off", None, now),)
    )

    shown = json.loads(json.dumps(status_object(status, now=now)))

    assert shown["sweeps"][0]["name"] == "products/delta"
    assert shown["sweeps"][0]["watermark"] == "2026-11-23T12:00:00+00:00"
    assert shown["source"]["next_try_at"] == "2026-11-23T12:00:40+00:00"
    assert shown["refusals"][0]["count"] == 312
    assert shown["alarms"][0]["name"] == "source-failing"


def test_json_counts_waiting_events_as_due_and_a_dead_drain_as_closed(
    well: Status, now: datetime
) -> None:
    inbox = replace(well.inbox, due=1, put_off=2)
    door = replace(well.door, open=True, alive=False)

    shown = json.loads(json.dumps(status_object(replace(well, inbox=inbox, door=door), now=now)))

    assert (shown["inbox"]["due"], shown["inbox"]["waiting"]) == (3, 2)
    assert (shown["drain"]["open"], shown["drain"]["lapsed"]) == (False, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"running": True}, "running"),
        ({"running": False, "position": "after=5"}, "stopped; the next run goes on from there"),
        ({"running": False}, "done 2 min ago"),
        ({"running": False, "finished_at": None}, "never finished"),
    ],
)
def test_the_screen_shows_each_sweep_with_its_state(
    well: Status, now: datetime, changes: dict[str, object], said: str
) -> None:
    sweep = SweepView(
        name="products/full",
        running=False,
        position=None,
        counts={"read": 1200, "missing": 0},
        watermark=None,
        started_at=now - timedelta(minutes=3),
        finished_at=now - timedelta(minutes=2),
    )
    status = replace(well, sweeps=(replace(sweep, **changes),))  # type: ignore[arg-type]

    screen = show(status, now)

    assert said in screen
    assert "1,200 read" in screen
    assert "missing" not in screen


def test_the_screen_begins_with_what_needs_a_person(well: Status, now: datetime) -> None:
    assert show(well, now).startswith("nothing needs a person")
    assert "no sweep has run yet" in show(well, now)
    assert show(replace(well, inbox=replace(well.inbox, dead=1)), now).startswith("Needs a person")


def show(status: Status, now: datetime) -> str:
    screen = StringIO()
    console = Console(file=screen, width=200, markup=False)
    show_status(console, status, now=now, where="sqlite:////shop.db")
    return screen.getvalue()


def test_a_subscription_is_shown_with_when_it_was_seen(well: Status, now: datetime) -> None:
    seen = StoredSubscription(
        id="one",
        status="suspended",
        url="https://sync.test/webhooks/event-platform",
        since=now - timedelta(hours=2),
        checked_at=now - timedelta(minutes=2),
        problem="Success rate dropped below 90%",
    )
    said = describe_subscriptions(replace(well, subscriptions=(seen,)), now=now, zone=UTC)
    assert said == "one suspended since 10:00, seen 2 min ago"


def test_a_gap_is_told_from_its_begin_to_what_it_cost(now: datetime) -> None:
    gap = Gap(
        id=1,
        subscription_id="one",
        reason=None,
        began=now - timedelta(hours=2),
        ended=None,
        rounds=0,
        asked_at=None,
        closed_at=None,
        cost={},
    )
    assert (
        describe_gap(gap, now=now, zone=UTC) == "since 10:00 at the earliest nothing is delivered"
    )
    ended = replace(gap, ended=now - timedelta(hours=1), rounds=1)
    span = "from 10:00 at the earliest to 11:00"
    said = describe_gap(ended, now=now, zone=UTC)
    assert said == f"{span}, being caught up with: 1 round of sweeps asked for"
    soon = describe_gap(replace(ended, rounds=0), now=now, zone=UTC)
    assert soon == f"{span}, being caught up with: sweeps come soon"
    closed = replace(ended, closed_at=now, cost={"missing": 2})
    said = describe_gap(closed, now=now, zone=UTC)
    assert said == f"{span}, caught up with: 2 missing repaired"
