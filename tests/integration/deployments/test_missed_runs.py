"""Scheduled times that passed while no worker ran."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun

from deployments.worker.missed_runs import find_missed

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
DELTA, FULL = uuid4(), uuid4()


def planned(minutes: int, *, deployment: object = DELTA, **parameters: object) -> FlowRun:
    return FlowRun(
        flow_id=uuid4(),
        deployment_id=deployment,
        auto_scheduled=True,
        expected_start_time=NOON + timedelta(minutes=minutes),
        parameters=parameters,
    )


def test_of_a_night_of_missed_sweeps_the_latest_is_left() -> None:
    night = [planned(minutes) for minutes in range(0, 300, 10)]
    assert find_missed(night) == night[:-1]


def test_every_schedule_keeps_its_own_latest() -> None:
    delta, full = planned(10), planned(0, deployment=FULL)
    extra = planned(5, key="SKU-1")  # somebody's own schedule of the same deployment
    assert find_missed([planned(0), full, extra, delta])[1:] == []


@pytest.mark.parametrize("auto_scheduled", [True, False])
def test_what_somebody_asked_for_is_run_however_late(*, auto_scheduled: bool) -> None:
    first, second = planned(0), planned(10)
    first.auto_scheduled = auto_scheduled
    assert find_missed([first, second]) == ([first] if auto_scheduled else [])
