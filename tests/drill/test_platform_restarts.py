"""The receiver restarted again and again under the Event Platform: no suspension, no event lost.

The platform's hour and its waits pass ten times faster than documented; its rate is not scaled.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pim.json_types import JsonObject, as_list, as_object
from tests.night import Night, open_night
from tests.night_parts import wait_until
from tests.shop import PLATFORM_SECRET

RESTARTS = 10
EDITS_A_SECOND = 20
TIME_SCALE = 10


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    tunables = {"AKENEO_EVENT_PLATFORM_SECRETS": PLATFORM_SECRET}
    with open_night(tmp_path, products=300, tunables=tunables, platform=TIME_SCALE) as night:
        yield night


def subscription(night: Night) -> JsonObject:
    url = f"{night.shop.pim_url}/_simulator/platform"
    report = night.shop.http.get(url).raise_for_status().json()
    return as_object(as_list(report["subscriptions"])[-1])


def test_a_receiver_restarted_ten_times_loses_nothing_and_is_not_suspended(night: Night) -> None:
    night.begin()
    night.edit(EDITS_A_SECOND)
    for _ in range(RESTARTS):
        time.sleep(15)  # noqa: TID251 - the platform delivers meanwhile
        night.receiver.stop()
        night.receiver.start()
        wait_until(night.receiver_answers, "the receiver")
    night.edit(0)
    told = subscription(night)
    assert told["status"] == "active", told
    wait_until(lambda: subscription(night)["outstanding"] == 0, "the last retries", seconds=400)
    told = subscription(night)
    assert told["status"] == "active", told
    counts = as_object(told["counts"])
    assert "failed" not in counts  # given up, after the last retry
    assert "lost_while_suspended" not in counts
    assert counts["events"] == counts["delivered"]

    wait_until(night.is_drained, "the last events", seconds=300)
    assert night.shop.sources() == night.shop.truth()
