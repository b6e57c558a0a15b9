"""SIGKILL at random points, under steady deliveries and edits: receiver, worker, Prefect server.

The points come from a seed, which is printed; `pytest -m drill --drill-seed=…` takes it again.
"""

import random
import time

import pytest

from tests.drill.conftest import Tell
from tests.night import Night
from tests.night_checks import come_to_rest

EDITS_PER_SECOND = 4.0


def pause(rng: random.Random, most: float) -> None:
    time.sleep(rng.uniform(0, most))  # noqa: TID251 - when the next blow falls


@pytest.mark.parametrize("number", range(4))
def test_receiver(night: Night, rng: random.Random, tell: Tell, number: int) -> None:
    night.rise()
    night.edit(EDITS_PER_SECOND)
    for _ in range(20):
        pause(rng, 4)
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
        pause(rng, 8)
        night.worker.kill()
        pause(rng, 0.5)
        night.worker.start()
    tell(come_to_rest(night, f"worker, round {number}"))


@pytest.mark.parametrize("number", range(2))
def test_prefect_server(night: Night, rng: random.Random, tell: Tell, number: int) -> None:
    assert night.server is not None
    night.rise()
    night.edit(EDITS_PER_SECOND)
    for _ in range(10):
        pause(rng, 15)
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
        pause(rng, 6)
        struck = rng.sample(parts, rng.choice([1, 1, 2]))
        for part in struck:
            part.kill()
        pause(rng, 1)
        for part in struck:
            part.start()
    night.rise()
    tell(come_to_rest(night, f"any of them, round {number}", loses=True))
