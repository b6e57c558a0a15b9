from dataclasses import dataclass

import pytest

from receiver.config import ReceiverConfig
from receiver.connections import Connections, Stage, decide_connections
from receiver.refusals import RefusalCounter

LIMIT = 3


@dataclass(eq=False)
class FakeConnection:
    name: str
    closed: bool = False

    def hang_up(self) -> None:
        self.closed = True


class Receiver:
    """Connections by name, in the order in which they came."""

    def __init__(self) -> None:
        self.refusals = RefusalCounter()
        self.all = Connections(ReceiverConfig(secrets=(), max_connections=LIMIT), self.refusals)
        self.known: dict[str, FakeConnection] = {}

    def come(self, name: str, at: float, stage: Stage = Stage.HEAD) -> bool:
        connection = self.known.setdefault(name, FakeConnection(name))
        if not self.all.admit(connection, now=at):
            return False
        self.all.place(connection, stage, now=at)
        return True

    def move(self, name: str, stage: Stage, at: float) -> None:
        self.all.place(self.known[name], stage, now=at)

    def closed(self) -> list[str]:
        return [each.name for each in self.known.values() if each.closed]

    def counted(self) -> dict[str, int]:
        return {tally.reason: tally.count for tally in self.refusals.take()}


def test_below_the_limit_nobody_goes() -> None:
    receiver = Receiver()
    assert all(receiver.come(name, at=0) for name in "abc")
    assert receiver.closed() == []
    assert receiver.counted() == {}


def test_at_the_limit_the_oldest_without_a_head_goes_and_is_counted() -> None:
    receiver = Receiver()
    for at, name in enumerate("abcde"):
        assert receiver.come(name, at=at / 1000)
    assert receiver.closed() == ["a", "b"]
    assert len(receiver.all) == LIMIT
    assert receiver.counted() == {"half_open": 2}
    assert receiver.all.closed[Stage.HEAD] == 2


@pytest.mark.parametrize("stage", [Stage.BODY, Stage.NEXT, Stage.READER, Stage.ANSWER], ids=str)
def test_who_sent_no_head_goes_before_an_older_one_that_did(stage: Stage) -> None:
    receiver = Receiver()
    receiver.come("a", at=0, stage=stage)
    receiver.come("b", at=0.1)
    receiver.come("c", at=0.2)
    receiver.come("d", at=0.3)
    assert receiver.closed() == ["b"]


@pytest.mark.parametrize("stage", [Stage.BODY, Stage.NEXT, Stage.READER])
def test_a_flood_of_any_kind_makes_room_for_who_has_only_just_come(stage: Stage) -> None:
    receiver = Receiver()
    receiver.come("a", at=0, stage=stage)
    receiver.come("b", at=0.1, stage=stage)
    receiver.come("new", at=2.0)  # its head is on its way
    receiver.come("newer", at=2.001)
    assert receiver.closed() == ["a"]


def test_a_request_that_is_there_as_a_whole_is_never_closed() -> None:
    receiver = Receiver()
    for name in "abc":
        receiver.come(name, at=0, stage=Stage.ANSWER)
    assert not receiver.come("d", at=60)
    assert receiver.closed() == []
    assert receiver.counted() == {"too_many_connections": 1}


def test_who_left_has_no_place() -> None:
    receiver = Receiver()
    for name in "abc":
        receiver.come(name, at=0)
    receiver.all.leave(receiver.known["b"])
    assert receiver.come("d", at=1)
    assert receiver.closed() == []


def test_an_age_is_that_of_the_waiting_and_not_of_the_connection() -> None:
    receiver = Receiver()
    for at, name in enumerate("abc"):
        receiver.come(name, at=at / 10)
    receiver.move("a", Stage.ANSWER, at=0.3)
    receiver.move("a", Stage.HEAD, at=0.4)  # the second request on that connection
    receiver.come("d", at=0.5)
    assert receiver.closed() == ["b"]


def test_where_no_file_is_left_one_goes_below_the_limit_too() -> None:
    receiver = Receiver()
    receiver.come("a", at=0)
    receiver.all.lack_file("Too many open files", now=0.1)
    assert receiver.closed() == ["a"]
    (tally,) = receiver.refusals.take()
    assert tally.reason == "half_open"
    assert "Too many open files" in (tally.detail or "")


@pytest.mark.parametrize(
    ("files", "expected"), [(None, 1000), (1_048_576, 1000), (1024, 768), (300, 44), (16, 8)]
)
def test_connections_leave_files_for_the_rest(files: int | None, expected: int) -> None:
    assert decide_connections(1000, files=files) == expected
