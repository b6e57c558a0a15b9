"""Two receivers, two workers of two machines, PostgreSQL for store and Prefect: killed in turn.

`--drill-events 50000` makes it as long as a large import; by default it takes some minutes.
"""

import random
import time
from collections.abc import Iterator
from itertools import cycle

import psycopg
import pytest

from deployments.messages import WORKER_READY
from storage.state.call_budget import SLOTS
from tests.drill.conftest import Tell
from tests.night import HISTORY, MACHINES, STORE, Night, open_night
from tests.night_checks import come_to_rest, describe
from tests.night_parts import Part, wait_until
from tests.system_postgres import find_programs, system_postgres

pytestmark = pytest.mark.skipif(
    find_programs() is None,
    reason="needs a PostgreSQL with pg_trgm, as Prefect does (Debian: apt-get install postgresql)",
)

ROUNDS = 8
PRODUCTS = 300
LEASE_SECONDS = 5  # of a night

TWICE_SETTLED = """
SELECT taken_by, count(DISTINCT run_id) FROM inbox_event
WHERE outcome IS NOT NULL AND taken_by IS NOT NULL
GROUP BY taken_by HAVING count(DISTINCT run_id) > 1
"""
DRAINS = """
SELECT count(DISTINCT taken_by), count(DISTINCT run_id) FROM inbox_event WHERE outcome IS NOT NULL
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with system_postgres() as address:
        yield address


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Night]:
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as connection:
        for name in (STORE, HISTORY):
            connection.execute(f"CREATE DATABASE {name}")
    folder = tmp_path_factory.mktemp("several")
    with open_night(folder, products=PRODUCTS, postgres=postgres) as night:
        night.begin()
        night.other_receiver.start()
        start_worker(night.other_worker)
        yield night


def start_worker(part: Part) -> None:
    """Start it, and wait until it takes runs."""
    before = part.times_said(WORKER_READY)
    part.start()
    wait_until(lambda: part.times_said(WORKER_READY) > before, part.last_words)


def drains_on(night: Night) -> str | None:
    """The machine whose worker drains now; None while none does."""
    for run in night.prefect.runs("RUNNING"):
        if run["id"] == night.shop.status().door.run_id and night.is_draining():
            return str(run["infrastructure_pid"]).split(":", 1)[0]
    return None


def worker_of(night: Night, machine: str) -> Part:
    return dict(zip(MACHINES, (night.worker, night.other_worker), strict=True))[machine]


def strike_drain(night: Night) -> tuple[str, str, float]:
    """Kill the machine that drains, and wait until the other does; both, and the seconds."""
    wait_until(lambda: drains_on(night) is not None, lambda: f"a drain: {describe(night)}")
    struck = drains_on(night)
    while struck is None:  # it has just ended: there is more to do
        struck = drains_on(night)
    night.struck = night.shop.status().door.generation
    worker_of(night, struck).kill()
    (other,) = set(MACHINES) - {struck}
    took = wait_until(
        lambda: drains_on(night) == other, lambda: f"{other} to drain: {describe(night)}"
    )
    return struck, other, took


def test_store_equals_source_though_each_is_killed_in_turn(
    several: Night,
    rng: random.Random,
    tell: Tell,
    pytestconfig: pytest.Config,
    postgres: str,
) -> None:
    night = several
    night.shop.http.delete(f"{night.shop.pim_url}/_simulator/requests").raise_for_status()
    operations = pytestconfig.getoption("--drill-events") // ROUNDS
    receivers = cycle((night.receiver, night.other_receiver))
    moved: list[str] = []
    for number in range(ROUNDS):
        edits = {"operations": operations, "bulk": 10, "seed": number, "wait": False}
        night.shop.control("edits", edits)
        night.edit(2)  # on and on, so that there is always a drain to strike
        if number % 2:
            struck, other, took = strike_drain(night)
            moved.append(f"{struck} to {other} {took:.1f} s")
            start_worker(worker_of(night, struck))
        else:
            receiver = next(receivers)
            time.sleep(rng.uniform(0, 1))  # noqa: TID251 - when the blow falls
            receiver.kill()
            time.sleep(rng.uniform(0, 3))  # noqa: TID251 - while the other is alone
            receiver.start()
    tell(f"drains moved, lease {LEASE_SECONDS} s: {'; '.join(moved)}")
    tell(come_to_rest(night, "several of each"))
    with psycopg.connect(postgres.format(STORE)) as connection:
        assert connection.execute(TWICE_SETTLED).fetchall() == []
        generations = connection.execute(DRAINS).fetchone()
    calls = night.shop.requests()
    tell(
        f"generations and runs that settled: {generations}; calls: {calls['total']}, at most "
        f"{calls['most_at_once']} at once; deliveries by receiver: {dict(night.relay.taken)}"
    )
    assert int(str(calls["most_at_once"])) <= SLOTS
    assert len(night.relay.taken) == 2
    assert len(moved) == ROUNDS // 2
