"""SIGKILL of `up` itself and of its children, and a Prefect database that is lost meanwhile."""

import os
import random
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

from deployments.worker.process_identity import process_start
from tests.drill.conftest import Tell
from tests.night import Night
from tests.night_checks import come_to_rest
from tests.night_parts import children_of, wait_until

START_SECONDS = 240.0
ORPHAN_SECONDS = 10.0


def is_over(pids: set[int]) -> bool:
    """Whether none of the processes is left; those of a killed parent are no one's zombies."""
    return all(process_start(pid) is None for pid in pids)


def child_named(night: Night, words: str) -> int | None:
    """The process id of the child of `up` whose command line ends so."""
    for pid in children_of(night.up.pid):
        listed = subprocess.run(  # noqa: S603 - a number only
            ["ps", "-wwo", "command=", "-p", str(pid)],  # noqa: S607 - of the system
            capture_output=True,
            text=True,
            check=False,
        )
        if listed.stdout.strip().endswith(words):
            return pid
    return None


def start_up(night: Night) -> None:
    """Start `up`, and wait until it takes deliveries and runs what comes."""
    night.up.start()
    wait_until(
        lambda: night.receiver_answers() and night.prefect.answers(),
        lambda: f"`up` to be up: {night.up.last_words()}",
        seconds=START_SECONDS,
    )


def test_killed_up_leaves_no_orphan_and_the_next_one_works(
    night: Night, rng: random.Random, tell: Tell
) -> None:
    night.fall()
    night.edit(2)
    slowest = 0.0
    for _ in range(12):
        night.up.start()
        time.sleep(rng.uniform(0.5, 30))  # noqa: TID251 - when the blow falls
        children = children_of(night.up.pid)
        night.up.kill()
        ended = partial(is_over, children)
        took = wait_until(ended, f"{children} to end", seconds=ORPHAN_SECONDS)
        slowest = max(slowest, took)
    start_up(night)
    tell(f"12 kills of up: all children gone after at most {slowest:.1f} s")
    tell(come_to_rest(night, "up", loses=True))


def test_one_up_survives_its_children(night: Night, rng: random.Random, tell: Tell) -> None:
    night.fall()
    start_up(night)
    night.edit(4)
    kills = 0
    while kills < 15:
        time.sleep(rng.uniform(0, 8))  # noqa: TID251 - when the blow falls
        struck = child_named(night, rng.choice(["main receiver", "main worker", "server start"]))
        if struck is not None:
            os.kill(struck, signal.SIGKILL)
            kills += 1
    tell(come_to_rest(night, "children of up", loses=True))
    assert night.up.is_running()


def test_lost_prefect_database_is_made_anew(night: Night, tell: Tell) -> None:
    night.fall()
    start_up(night)
    night.edit(2)
    server = child_named(night, "server start")
    assert server is not None
    for file in Path(night.env["PREFECT_HOME"]).glob("prefect.db*"):
        file.unlink()
    os.kill(server, signal.SIGKILL)
    began = time.monotonic()
    wait_until(lambda: night.alarms["deployment-missing"] > 0, "the alarm", seconds=START_SECONDS)
    wait_until(night.prefect.is_deployed, night.up.last_words, seconds=START_SECONDS)
    tell(f"deployed again {time.monotonic() - began:.0f} s after Prefect's database was lost")
    night.prefect.pause_schedules()
    tell(come_to_rest(night, "Prefect's database lost"))
    assert "deployment-missing" not in {alarm.name for alarm in night.shop.status().alarms}
    night.up.stop()
    assert "nothing is lost" in night.up.last_words()
