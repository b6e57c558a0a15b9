"""Which dialect is alive, as `status` says it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cli.views.dialects import days_left, describe_dialects, dialects_object, is_cloud
from pim.vocabulary import Channel
from storage.views.status import Status


def heard(well: Status, facts: dict[str, str], **when: datetime) -> Status:
    channels = {Channel(name.replace("_", "-")): at for name, at in when.items()}
    return replace(well, facts=facts, inbox=replace(well.inbox, heard=channels))


SELF_HOSTED = {"version": "7.0.65", "edition": "EE"}
CLOUD = {"version": "20260302041041", "edition": "Serenity"}


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({}, False),
        (SELF_HOSTED, False),
        ({"version": "6.0.113"}, False),
        (CLOUD, True),
        ({"version": "v20230101"}, True),
        ({"version": "7.0.65", "edition": "GE"}, True),
    ],
)
def test_a_pim_of_the_cloud_is_known_by_what_it_says(
    well: Status,
    facts: dict[str, str],
    answer: bool,  # noqa: FBT001 - parametrized
) -> None:
    assert is_cloud(replace(well, facts=facts)) is answer


def test_a_self_hosted_pim_hears_nothing_of_an_end(well: Status, now: datetime) -> None:
    status = heard(well, SELF_HOSTED, events_api=now - timedelta(minutes=3))
    assert describe_dialects(status, now=now) == [("Events API", "last delivery 3 min ago")]
    assert dialects_object(status, now=now)["events-api"] == {
        "last_received_at": (now - timedelta(minutes=3)).isoformat(),
        "days_left": None,
    }


def test_in_the_cloud_the_days_of_the_events_api_are_counted(well: Status) -> None:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    status = heard(
        well, CLOUD, events_api=now - timedelta(hours=2), event_platform=now - timedelta(minutes=1)
    )
    (old, left), (new, spoke) = describe_dialects(status, now=now)
    assert (old, new) == ("Events API", "Event Platform")
    assert "ends it in 32 days" in left
    assert spoke == "last delivery 1 min ago"


def test_after_its_end_it_is_said_that_nothing_comes_that_way(well: Status) -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)
    ((_, said),) = describe_dialects(heard(well, CLOUD), now=now)
    assert said.startswith("no delivery is kept; Akeneo's cloud has ended it")


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (datetime(2026, 12, 30, 23, tzinfo=UTC), 1),
        (datetime(2026, 12, 31, 12, tzinfo=UTC), 0),
        (datetime(2028, 2, 29, tzinfo=UTC), 0),
    ],
)
def test_days_are_whole_ones(at: datetime, days: int) -> None:
    assert days_left(at) == days
