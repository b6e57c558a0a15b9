"""An overview in which all is well, for tests to change what matters to them."""

from datetime import UTC, datetime, timedelta

import pytest

from pim.ids import Generation, RunId
from storage.inbox.door import DoorView
from storage.state.source import BreakerView
from storage.views.status import InboxStatus, ProductsStatus, Status


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def quiet() -> BreakerView:
    return BreakerView(
        blocked=False, blocked_until=None, failing_since=None, failures=0, reason=None
    )


@pytest.fixture
def failing(now: datetime) -> BreakerView:
    return BreakerView(
        blocked=True,
        blocked_until=now + timedelta(seconds=40),
        failing_since=now - timedelta(minutes=7),
        failures=4,
        reason="cannot connect",
    )


@pytest.fixture
def well(now: datetime, quiet: BreakerView) -> Status:
    return Status(
        inbox=InboxStatus(
            due=0, put_off=0, dead=0, held=0, oldest_due_seconds=None, last_received_at=None
        ),
        products=ProductsStatus(live=2000, tombstones=1, held_deletions=0, marks_open=0),
        door=DoorView(
            open=False,
            alive=False,
            generation=Generation("g1"),
            attempt=0,
            lease_until=None,
            opened_at=now - timedelta(minutes=10),
            closed_at=now - timedelta(minutes=5),
            run_id=RunId("run-1"),
            run_name="calm-otter",
        ),
        breaker=quiet,
        sweeps=(),
        alarms=(),
        refusals=(),
        outcomes={},
    )
