"""Connections of one receiver: how many there may be, and who is hung up on, and when.

`Connections` bounds all of them together; `PatientProtocol`, uvicorn's HTTP/1.1, looks after each,
so that one who connects and sends no whole request does not stay.
"""

import asyncio
import logging
import resource
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from receiver.config import ReceiverConfig
from receiver.refusals import IntakeRefusal, RefusalCounter

ACCEPTED_AT_ONCE = 32
"""How many connections the event loop accepts in one turn."""

_TURNS = 4  # from accepting one to having closed another for it
_OWN_FILES = 128  # the store's, the log's, Prefect's client, the loop's own
_SPARE_FILES = ACCEPTED_AT_ONCE * _TURNS + _OWN_FILES
_FEWEST = 8
_PATIENCE_SECONDS = 1.0  # the PIM hangs up after 0.5 s: whoever takes longer is not the PIM

CONNECTIONS = "connections"
"""Where the application's lifespan keeps its connections for this protocol."""

# Whose it is nobody has read. The Event Platform slows down after a 429 and sends again, and counts
# a 5xx against the subscription; to the Events API one is lost as the other.
_REFUSED = b'{"detail":"too many connections at once"}'
_REFUSAL = b"\r\n".join(
    (
        b"HTTP/1.1 429 Too Many Requests",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(_REFUSED),
        b"Connection: close",
        b"",
        _REFUSED,
    )
)


# What is no HTTP is answered 400, and no line in the log: whoever sends it could write it full.
_log = logging.getLogger("uvicorn.error.connection")
_log.setLevel(logging.ERROR)


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
    """Raise the soft limit of open files where that is allowed; answer how many it lets in."""
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


class PatientProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1 with time-outs: for heads and answers, and shorter ones at the limit.

    Uvicorn waits for ever for a first byte, for the rest of a head, or for an answer to be read:
    a thousand such connections would be all that the receiver takes. (A body has its own limit, in
    `receiver.body`; a connection that idles between two requests has uvicorn's.)
    """

    head_seconds = 10.0
    """How long a head may take, give or take: a look after each such span finds no new request."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _log
        self._all: Connections = app_state[CONNECTIONS]
        self._next_look: asyncio.TimerHandle | None = None
        self._is_unread = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn
        """Begin to look after the connection, if there is a place for it."""
        super().connection_made(transport)
        if not self._all.admit(self, now=self.loop.time()):
            transport.write(_REFUSAL)
            transport.close()
            return
        self._look_in(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._next_look is not None:
            self._next_look.cancel()
        self._all.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and note what is missing now."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._note_stage()

    def on_response_complete(self) -> None:
        """Go on to the next request."""
        super().on_response_complete()
        self._note_stage()

    def pause_writing(self) -> None:
        """Answers pile up: the other side does not read them."""
        super().pause_writing()
        self._is_unread = True
        self._note_stage()

    def resume_writing(self) -> None:
        """They are read again."""
        super().resume_writing()
        self._is_unread = False
        self._note_stage()

    def hang_up(self) -> None:
        """Close at once, unsent answers included: waiting for them to be read could take for ever.

        A delivery that is stored already stays so.
        """
        self.transport.abort()

    def _note_stage(self) -> None:
        if not self.transport.is_closing():
            self._all.place(self, self._stage(), now=self.loop.time())

    def _stage(self) -> Stage:
        cycle: RequestResponseCycle | None = self.cycle
        if self._is_unread:
            return Stage.READER
        if cycle is None:
            return Stage.HEAD
        if cycle.response_complete:
            return Stage.HEAD if self.timeout_keep_alive_task is None else Stage.NEXT
        return Stage.BODY if cycle.more_body else Stage.ANSWER

    def _look_in(self, seconds: float) -> None:
        self._next_look = self.loop.call_later(seconds, self._look, self.cycle, self._stage())

    def _look(self, cycle_before: RequestResponseCycle | None, stage_before: Stage) -> None:
        stage = self._stage()
        if self.cycle is cycle_before:
            if stage is Stage.HEAD:
                self.transport.close()
                return
            if stage is Stage.READER and stage_before is Stage.READER:
                self.hang_up()
                return
        self._look_in(self.head_seconds)
