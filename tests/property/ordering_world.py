"""Random interleavings of some products' lives: a PIM, its events, reads, sweeps, and a store.

The source of each product is a register: (updated, content) or nothing. It is edited (often within
one second, by nodes whose clocks differ), changed through a parent (content changes, `updated`
stands still), deleted, and comes back. Most changes raise an event. Some are silent, among them a
right given back, which brings a date of long ago: a sweep begun after the last of those, which
outlasts the reads that were under way, must find them. Events are delivered late, in any order,
and repeated. A read is sent, served and answered at separate moments, each product of a page at
its own; what it brings is written later. When all is quiet, the store must hold the truth.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from pim.decision import BeforeRead, decide_before_read
from pim.ids import OrderNumber
from tests.property.ordering_shelf import Answer, Seen, Shelf, State, Told

PRODUCTS = (0, 1)
NODES = (0, 0, 25, -25)  # seconds by which the clocks of the PIM's nodes are off
CLOCK_DOUBT = timedelta(seconds=60)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = 3000


@dataclass(eq=False, slots=True)
class Read:
    """A call to the source under way."""

    sent: int
    products: tuple[int, ...]
    sweep: bool = False
    confirmed: bool = False
    served: dict[int, State | None] = field(default_factory=dict)
    answered: int = 0


Move = Callable[[], None]


class World:
    """One schedule, drawn move by move from `rng`."""

    def __init__(self, rng: Random, shelf: Shelf) -> None:
        self.rng = rng
        self.shelf = shelf
        self.clock = 1000
        self.contents = 0
        self.source: dict[int, State | None] = {product: State(1000, 0) for product in PRODUCTS}
        self.changes = rng.randint(1, 6)
        self.sweeps = rng.randint(0, 2)
        self.sweep_owed = False
        self.announced: list[Told] = [Told(product, 1000) for product in PRODUCTS]
        self.inbox: list[Told] = []
        self.reads: list[Read] = []

    def play(self) -> bool:
        """Play until all is quiet; True if the store then holds the truth."""
        for _ in range(STEPS):
            moves = self._moves()
            if not moves:
                return all(self.shelf.state(p) == self.source[p] for p in PRODUCTS)
            self.rng.choice(moves)()
        raise AssertionError("the schedule does not come to an end")

    def _moves(self) -> list[Move]:
        moves: list[Move] = []
        if self.changes:
            moves.append(self._change)
        if self.sweeps or (self.sweep_owed and not self.changes):
            moves.append(self._send_sweep)
        if self.announced:
            moves.append(self._deliver)
        if self.inbox:
            moves.append(self._take)
        moves += [partial(self._advance, read) for read in self.reads if self._can_go_on(read)]
        return moves

    # -- the source --

    def _change(self) -> None:
        self.changes -= 1
        self.contents += 1
        self.clock += self.rng.choice([0, 0, 1, 1, 200])
        product = self.rng.choice(PRODUCTS)
        before = self.source[product]
        after, model, silent = self._edited(before)
        self.source[product] = after
        if silent or self.rng.random() < 0.2:
            self.sweep_owed = True  # nobody is told
            return
        payload = None if model or after is None else after.updated
        self.announced.append(Told(product, payload, model))

    def _edited(self, before: State | None) -> tuple[State | None, bool, bool]:
        """Give the new state, whether a model's event tells it, and whether nothing does."""
        now = self.clock + self.rng.choice(NODES)
        if before is None:
            right_given_back = self.rng.random() < 0.4
            updated = self.rng.randint(0, now) if right_given_back else now
            return State(updated, self.contents), False, right_given_back
        what = self.rng.random()
        if what < 0.25:
            return None, False, False
        if what < 0.5:  # through its parent
            return State(before.updated, self.contents), True, False
        if what < 0.55:  # the PIM is restored from a backup
            return State(self.rng.randint(0, before.updated), self.contents), False, True
        return State(now, self.contents), False, False

    # -- what we are told --

    def _deliver(self) -> None:
        told = self.rng.choice(self.announced)
        if self.rng.random() < 0.85:  # else it is delivered once more
            self.announced.remove(told)
        payload = told.payload
        if payload is not None and self.rng.random() < 0.5:  # built when it is sent
            state = self.source[told.product]
            if state is None:
                return  # the PIM drops it
            payload = state.updated
        number = self.shelf.draw()
        self.inbox.append(Told(told.product, payload, told.model, number))

    def _take(self) -> None:
        told = self.inbox.pop(self.rng.randrange(len(self.inbox)))
        if told.model or self._calls_for_a_read(told):
            self._send(told.product)

    def _calls_for_a_read(self, told: Told) -> bool:
        decision = decide_before_read(
            number=OrderNumber(told.number),
            resource_updated=None if told.payload is None else instant(told.payload),
            stored=self.shelf.mark(told.product),
            clock_doubt=CLOCK_DOUBT,
        )
        return decision is BeforeRead.READ

    # -- reads --

    def _send(self, product: int, *, confirmed: bool = False) -> None:
        self.reads.append(Read(self.shelf.draw(), (product,), confirmed=confirmed))

    def _send_sweep(self) -> None:
        self.sweeps = max(0, self.sweeps - 1)
        if not self.changes:
            self.sweep_owed = False
        self.reads.append(Read(self.shelf.draw(), PRODUCTS, sweep=True))

    def _can_go_on(self, read: Read) -> bool:
        """A sweep takes longer than a read: those sent before it have been written at its end."""
        if not read.sweep or not read.answered:
            return True
        return all(other.sent >= read.sent for other in self.reads)

    def _advance(self, read: Read) -> None:
        waiting = [product for product in read.products if product not in read.served]
        if waiting:
            product = self.rng.choice(waiting)
            read.served[product] = self.source[product]
        elif not read.answered:
            read.answered = self.shelf.draw()
        else:
            self.reads.remove(read)
            self._write(read)

    def _write(self, read: Read) -> None:
        seen = [
            Seen(product, read.sent, read.answered, state, read.confirmed)
            for product, state in read.served.items()
        ]
        if not read.sweep:
            self._follow(seen[0].product, self.shelf.write(seen[0]), confirmed=read.confirmed)
            return
        page = [each for each in seen if each.state is not None]  # a listing shows what is there
        for product, answer in self.shelf.sweep(page).items():
            self._follow(product, answer)
        for product in self.shelf.orphans(read.sent):
            self._send(product)

    def _follow(self, product: int, answer: Answer, *, confirmed: bool = False) -> None:
        match answer:
            case Answer.DONE:
                pass
            case Answer.AGAIN:
                self._send(product, confirmed=confirmed)
            case Answer.CONFIRM:
                self._send(product, confirmed=True)


def instant(seconds: int) -> datetime:
    """Give the instant of a second of the source's clock."""
    return EPOCH + timedelta(seconds=seconds)
