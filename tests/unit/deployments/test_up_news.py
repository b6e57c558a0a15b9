from dataclasses import replace
from datetime import UTC, datetime

from deployments.up.watch import Snapshot, describe_news

QUIET = Snapshot(at=datetime(2026, 11, 1, tzinfo=UTC), live=2000)


def test_nothing_is_said_when_nothing_happened() -> None:
    assert describe_news(QUIET, QUIET) == []


def test_settled_events_are_told_with_the_state_of_store_and_inbox() -> None:
    after = replace(QUIET, live=1999, deleted=1, outcomes={"gone": 1, "applied": 12})
    assert describe_news(QUIET, after) == [
        "events: 12 applied, 1 gone; 1999 products in the store (1 deleted); inbox empty"
    ]


def test_products_that_a_sweep_brought_are_told_without_events() -> None:
    assert describe_news(replace(QUIET, live=0), replace(QUIET, live=1, due=3)) == [
        "1 product in the store; 3 due"
    ]


def test_what_waits_for_a_person_is_told() -> None:
    after = replace(QUIET, outcomes={"dead": 2}, dead=2, held=5)
    (line,) = describe_news(QUIET, after)
    assert line.endswith("inbox empty, 2 dead letters, 5 held for `approve`")


def test_alarm_is_told_once_and_its_end_too() -> None:
    alarmed = replace(QUIET, alarms={"no-worker": "no worker takes the runs"})
    assert describe_news(QUIET, alarmed) == ["ALARM no worker takes the runs"]
    assert describe_news(alarmed, alarmed) == []
    assert describe_news(alarmed, QUIET) == ["alarm over: no worker takes the runs"]


def test_failing_pim_is_told_once_and_its_return_too() -> None:
    failing = replace(QUIET, source_problem="connection refused")
    assert describe_news(QUIET, failing) == [
        "the PIM fails, tried again by itself: connection refused"
    ]
    assert describe_news(failing, failing) == []
    assert describe_news(failing, QUIET) == ["the PIM answers again"]
