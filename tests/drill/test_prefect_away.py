"""A Prefect server that is away for a while, and a machine that sleeps longer than any lease."""

import json
import signal
import time
from collections import Counter
from datetime import UTC, datetime

from tests.drill.conftest import Tell
from tests.night import Night
from tests.night_checks import come_to_rest
from tests.night_parts import wait_until


def test_deliveries_are_taken_while_prefect_is_away(night: Night, tell: Tell) -> None:
    assert night.server is not None
    night.rise()
    night.server.stop()
    night.edit(4)
    wait_until(lambda: night.alarms["prefect-unreachable"] > 0, "the alarm")
    told = json.loads(night.command("status", "--json").stdout)
    assert "prefect-unreachable" in {alarm["name"] for alarm in told["alarms"]}
    time.sleep(20)  # noqa: TID251 - while deliveries arrive
    night.server.start()
    tell(come_to_rest(night, "Prefect away for a while"))
    assert not night.shop.status().alarms


def test_drain_goes_on_while_its_server_is_killed(night: Night, tell: Tell) -> None:
    assert night.server is not None
    night.rise()
    night.edit(8)
    wait_until(night.is_draining, "a drain")
    night.server.kill()
    settled = night.settled()
    wait_until(lambda: night.settled() > settled, "the drain to go on without Prefect")
    night.server.start()
    tell(come_to_rest(night, "Prefect killed during a drain"))


def test_worker_that_slept_beyond_its_lease_writes_nothing_more(night: Night, tell: Tell) -> None:
    night.rise()
    night.edit(8)
    wait_until(night.is_draining, "a drain")
    before = night.shop.status().door.generation
    night.worker.signal(signal.SIGSTOP)
    night.other_worker.start()
    wait_until(
        lambda: night.shop.status().door.alive and night.shop.status().door.generation != before,
        "another worker's drain to take over",
    )
    night.worker.signal(signal.SIGCONT)
    tell(come_to_rest(night, "a worker asleep, another took over"))
    night.other_worker.stop()


def test_machine_asleep_for_hours_makes_up_for_missed_sweeps_once(night: Night, tell: Tell) -> None:
    assert night.server is not None
    night.rise()
    night.prefect.plan_deltas(every_seconds=4)
    # As many as Prefect plans ahead: ten-minute sweeps of more than three hours.
    wait_until(lambda: len(night.prefect.deltas("SCHEDULED")) >= 15, "sweeps to be planned")
    machine = (night.receiver, night.worker, night.server)
    night.edit(2)
    fell_asleep = datetime.now(UTC)
    for part in machine:
        part.signal(signal.SIGSTOP)
    time.sleep(60)  # noqa: TID251 - twelve leases
    woke = datetime.now(UTC)
    for part in machine:
        part.signal(signal.SIGCONT)

    def planned_asleep() -> Counter[str]:
        states = ("SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "CRASHED")
        times = [
            (datetime.fromisoformat(str(run["expected_start_time"])), str(run["state_name"]))
            for run in night.prefect.deltas(*states)
        ]
        return Counter(name for at, name in times if fell_asleep < at < woke)

    wait_until(lambda: planned_asleep()["Missed"] > 9, lambda: f"sweeps: {planned_asleep()}")
    night.prefect.pause_schedules()  # which deletes what is planned and not yet begun
    tell(come_to_rest(night, "asleep for twelve leases", loses=True))
    seen = planned_asleep()
    tell(f"sweeps planned for the time asleep: {dict(seen)}")
    assert seen.total() - seen["Missed"] <= 2
