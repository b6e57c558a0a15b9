"""The director of edits and their deliveries: on request, or on and on at a pace."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import httpx
from fastapi import Request

from simulator.control.bodies import ProductBody
from simulator.deliveries import Dispatcher
from simulator.edits import (
    AnyEvent,
    Author,
    AuthorType,
    Editor,
    EditSessions,
    ItemEvent,
    PimEvent,
    Save,
    parse_instant,
)
from simulator.errors import unprocessable
from simulator.platform import Platform
from simulator.shop import Entity, Product, ProductModel
from simulator.simulation import Simulation

HELPER = Author("julia", AuthorType.UI)
Saved = TypeVar("Saved", Product, ProductModel)


@dataclass(frozen=True, slots=True)
class Performed:
    """What a request for edits led to; `ends` are set as its deliveries are out."""

    operations: int
    events: int
    ends: Sequence[asyncio.Event]


class Director:
    """The PIM's users and its delivery queue, as the control endpoints see them."""

    def __init__(
        self, simulation: Simulation, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.simulation = simulation
        self.dispatcher = Dispatcher(simulation, transport)
        self.platform = Platform(simulation, transport)
        self.editor = Editor(simulation)
        self.edits_per_second = simulation.config.edits_per_second
        self.started = asyncio.Event()
        self.is_running = False
        self._pace_changed = asyncio.Event()

    async def run(self) -> None:
        """Deliver, and edit at the pace, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self.is_running = True
                self.started.set()
                group.create_task(self.dispatcher.run())
                group.create_task(self.platform.run())
                group.create_task(self._edit_on())
        finally:
            self.is_running = False

    def set_pace(self, edits_per_second: float) -> None:
        """Edit at another pace from now on; 0 stops."""
        self.edits_per_second = edits_per_second
        self._pace_changed.set()

    async def perform(
        self,
        operations: int,
        *,
        seed: int | None = None,
        bulk: int | None = None,
        per_second: float | None = None,
    ) -> Performed:
        """Perform so many operations, at once or at a pace, and queue their events."""
        rng = self.simulation.edit_rng if seed is None else random.Random(seed)
        sessions = EditSessions(self.simulation, rng, bulk)
        left, events = operations, 0
        ends: list[asyncio.Event] = []
        while left > 0:
            saved = sessions.save(left)
            left -= saved.operations
            events += len(saved.events)
            ends += self.put(saved.events, saved.items)
            await asyncio.sleep(saved.operations / per_second if per_second else 0)
        return Performed(operations, events, ends)

    def put(self, events: Sequence[PimEvent], items: Sequence[ItemEvent]) -> list[asyncio.Event]:
        """Queue the events of one save, for the Events API, which keeps it, and the platform."""
        return [*self.dispatcher.put(events), *self.platform.put([*events, *items])]

    def tell(self, event: AnyEvent | None, *, silent: bool) -> list[asyncio.Event]:
        """Queue one event, if there is one and it is not to be kept silent."""
        if event is None or silent:
            return []
        return self.put([], [event]) if isinstance(event, ItemEvent) else self.put([event], [])

    async def wait_for(self, ends: Sequence[asyncio.Event]) -> bool:
        """Wait until these deliveries are out; False if they cannot go out now."""
        if not self.is_running or self.dispatcher.is_paused:
            return False
        for end in ends:
            await end.wait()
        return True

    async def save(
        self,
        entity: Saved,
        body: ProductBody,
        *,
        keep: Callable[[Saved], None],
        event: Callable[[Saved, int, Author, Save], PimEvent],
    ) -> Saved:
        """Keep a product, or a model, at the time and by the author that `body` asks for; tell it.

        Raises:
            ApiError: 422, the PIM refuses to keep it.
        """
        now = self.simulation.now_seconds()
        updated = parse_instant(body.updated) if body.updated else now
        saved = replace(entity, created=entity.created or now, updated=updated)
        before = self._present(saved)
        try:
            keep(saved)
        except ValueError as error:
            raise unprocessable(str(error)) from error
        told = event(saved, now, author_of(body.author), Save(before, saved))
        ends = self.tell(told, silent=body.silent)
        if body.wait:
            await self.wait_for(ends)
        return saved

    def _present(self, entity: Entity) -> Entity | None:
        database = self.simulation.database
        if isinstance(entity, Product):
            return database.get(entity.uuid)
        return database.models.get(entity.code)

    async def _edit_on(self) -> None:
        rng = self.simulation.chance("pace")
        sessions = EditSessions(self.simulation, rng)
        while True:
            pause = None
            if self.edits_per_second > 0:
                saved = sessions.save()
                self.put(saved.events, saved.items)
                pause = rng.expovariate(self.edits_per_second / saved.operations)
            await self._rest(pause)

    async def _rest(self, seconds: float | None) -> None:
        self._pace_changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._pace_changed.wait()
        except TimeoutError:
            return


def author_of(name: str | None) -> Author:
    """Whose save a control endpoint plays: an API user's if one is named."""
    return Author(name, AuthorType.API) if name else HELPER


def director_of(request: Request) -> Director:
    """The director that this application was built with."""
    director = request.app.state.director
    assert isinstance(director, Director)  # noqa: S101 - build_simulator put it there
    return director
