"""All connections of one receiver: how many there may be, and which goes when one more comes."""

import resource
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from receiver.config import ReceiverConfig
from receiver.refusal_counter import IntakeRefusal, RefusalCounter

ACCEPTED_AT_ONCE = 32
"""How many connections the event loop accepts in one turn."""

_TURNS = 4  # from accepting one to having closed another for it
_OWN_FILES = 128  # the store's, the log's, Prefect's client, the loop's own
_SPARE_FILES = ACCEPTED_AT_ONCE * _TURNS + _OWN_FILES
_FEWEST = 8
_PATIENCE_SECONDS = 1.0  # the PIM hangs up after 0.5 s: whoever takes longer is not the PIM


class Stage(StrEnum):
    """What a connection waits for. The values are label values of a metric."""

    HEAD = "head"
    """The head of a request: nothing of it, or not the whole, has come."""
    BODY = "body"
    """The rest of a body whose head has come."""
    READER = "reader"
    """The other side, which does not read what it is answered."""
    NEXT = "next"
    """The next request: the one before is answered."""
    ANSWER = "answer"
    """Us. The request is there, whole."""


# Who has had his time goes before who has not, and then in these orders. A request that is there
# as a whole is never among them.
_LATE = (Stage.HEAD, Stage.READER, Stage.BODY, Stage.NEXT)
_YOUNG = (Stage.HEAD, Stage.NEXT, Stage.READER, Stage.BODY)


class Connection(Protocol):
    """One connection, as far as it matters here."""

    def hang_up(self) -> None:
        """Close it at once, unsent answers included."""
        ...


C = TypeVar("C", bound=Connection)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection stands, and since when on the loop's clock."""

    stage: Stage
    since: float


class Connections:
    """The open connections of one receiver; used on the event loop only.

    At the limit the one that was waited for longest is closed for the next, those without a
    request's head first: who opens a thousand and says nothing keeps no delivery out.
    """

    def __init__(self, config: ReceiverConfig, refusals: RefusalCounter) -> None:
        self.limit = config.max_connections
        self._clock = config.clock
        self._refusals = refusals
        self._places: dict[Connection, Place] = {}
        # The longest waited for first: who moves, moves to the end of the other.
        self._at: dict[Stage, dict[Connection, None]] = {stage: {} for stage in Stage}
        self.closed = dict.fromkeys((*_LATE, Stage.ANSWER), 0)
        """Closed for want of room so far; under ANSWER: turned away, since no other could go."""

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)

    def admit(self, connection: Connection, *, now: float) -> bool:
        """Take one more, at the cost of another if need be; False if there is no place for it."""
        if len(self) >= self.limit and not self._make_room(now, f"{self.limit:,} at once"):
            return False
        self.place(connection, Stage.HEAD, now=now)
        return True

    def lack_file(self, reason: str, *, now: float) -> None:
        """Close one, since no more can be accepted: the system gives no file for it."""
        self._make_room(now, f"no file is left for one more: {reason}")

    def place(self, connection: Connection, stage: Stage, *, now: float) -> None:
        """Note what it waits for from now on."""
        before = self._places.get(connection)
        if before is not None:
            if before.stage is stage:
                return
            del self._at[before.stage][connection]
        self._places[connection] = Place(stage, now)
        self._at[stage][connection] = None

    def leave(self, connection: Connection) -> None:
        """It is closed."""
        place = self._places.pop(connection, None)
        if place is not None:
            del self._at[place.stage][connection]

    def _make_room(self, now: float, why: str) -> bool:
        connection = self._spare(now)
        if connection is None:
            self.closed[Stage.ANSWER] += 1
            told = f"{why}, and a whole request on each"
            self._refusals.count(IntakeRefusal.NO_CONNECTION, self._clock(), told)
            return False
        self.closed[self._places[connection].stage] += 1
        self.leave(connection)  # now, and not when the transport says so: its place is taken
        connection.hang_up()
        told = f"{why}: who sent no whole request went first"
        self._refusals.count(IntakeRefusal.HALF_OPEN, self._clock(), told)
        return True

    def _spare(self, now: float) -> Connection | None:
        oldest = {stage: next(iter(each), None) for stage, each in self._at.items()}
        for stage in _LATE:
            connection = oldest[stage]
            if connection and self._places[connection].since <= now - _PATIENCE_SECONDS:
                return connection
        return next((oldest[stage] for stage in _YOUNG if oldest[stage]), None)


def claim_connections(most: int) -> int:
    """As many as this process may have files open for; the soft limit is raised where it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = most + _SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return decide_connections(most, files=None if soft == resource.RLIM_INFINITY else soft)


def decide_connections(most: int, *, files: int | None) -> int:
    """How many connections there may be where so many files may be open (None: any number)."""
    if files is None:
        return most
    return max(_FEWEST, min(most, files - _SPARE_FILES))
