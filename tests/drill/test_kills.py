"""SIGKILL at random points, under steady deliveries and edits: receiver, worker, Prefect server.

The points come from a seed, which is printed; `pytest -m drill --drill-seed=…` takes it again.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.drill.conftest import Tell
from tests.night import Night
from tests.night_checks import come_to_rest
from tests.night_parts import wait_until

EDITS_PER_SECOND = 4.0


def pause(rng: random.Random, most: float, at_work: Callable[[], bool] | None = None) -> None:
    """Wait for the next blow: every other time until the victim is seen at work, if that comes."""
    if at_work is not None and rng.random() < 0.5:
        with suppress(AssertionError):
            wait_until(at_work, "it to be at work", seconds=12)
        most = 1.0
    time.sleep(rng.uniform(0, most))  # noqa: TID251 - when the next blow falls


@pytest.mark.parametrize("number", range(4))
def test_receiver(night: Night, rng: random.Random, tell: Tell, number: int) -> None:
    night.rise()
    night.edit(EDITS_PER_SECOND)
    for _ in range(20):
        pause(rng, 4, night.receiver_answers)
        night.receiver.kill()
        pause(rng, 0.5)
        night.receiver.start()
    night.rise()
    tell(come_to_rest(night, f"receiver, round {number}", loses=True))


def test_receiver_between_commit_and_answer(night: Night, rng: random.Random, tell: Tell) -> None:
    night.rise()
    night.edit(EDITS_PER_SECOND)
    for _ in range(20):
        night.rise()
        pause(rng, 1)
        assert night.snipe_receiver(seconds=60)
    night.rise()
    assert night.relay.unanswered > 0  # else it was always faster, and nothing was shown
    tell(f"{night.relay.unanswered} of 20 kills came before the answer was written")
    tell(come_to_rest(night, "receiver, between commit and answer", loses=True))


@pytest.mark.parametrize("number", range(5))
def test_worker(night: Night, rng: random.Random, tell: Tell, number: int) -> None:
    night.rise()
    night.edit(EDITS_PER_SECOND)
    for _ in range(14):
        pause(rng, 6, night.is_draining)
        night.strike_worker()
        pause(rng, 0.5)
        night.worker.start()
    tell(come_to_rest(night, f"worker, round {number}"))


@pytest.mark.parametrize("number", range(2))
def test_prefect_server(night: Night, rng: random.Random, tell: Tell, number: int) -> None:
    assert night.server is not None
    night.rise()
    night.edit(EDITS_PER_SECOND)
    for _ in range(10):
        pause(rng, 15, night.prefect.answers)
        night.server.kill()
        pause(rng, 3)
        night.server.start()
    tell(come_to_rest(night, f"Prefect server, round {number}"))


@pytest.mark.parametrize("number", range(2))
def test_any_of_them(night: Night, rng: random.Random, tell: Tell, number: int) -> None:
    assert night.server is not None
    night.rise()
    night.edit(EDITS_PER_SECOND)
    parts = [night.receiver, night.worker, night.worker, night.receiver, night.server]
    for _ in range(15):
        pause(rng, 6, night.is_draining)
        struck = rng.sample(parts, rng.choice([1, 1, 2]))
        for part in struck:
            part.kill()
        if not night.worker.is_running():
            night.strike_worker()
        pause(rng, 1)
        for part in struck:
            part.start()
    night.rise()
    tell(come_to_rest(night, f"any of them, round {number}", loses=True))
