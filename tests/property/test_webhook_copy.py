"""A shop that is told by webhook holds the store, whoever is killed, refuses or says nothing.

The sender dies at random: before a request, after it, and while it records what became of it. The
shop applies what it has not seen by its `webhook-id`, and its answers get lost at random.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.notifying import Answer, notify_due
from flows.notifying.message import Message, signed_headers
from pim.document import Document
from storage import Store, Transaction
from storage.products import ProductWrite, read_changes
from storage.webhooks import Webhook, add_webhook, find_webhook, remove_webhook
from tests.feed_copy import look
from tests.hook_shop import Fate, HookShop
from tests.store_builders import FAMILY, NOW, absent, body_of, live, write

SEEDS = st.integers(0, 2**64 - 1)
PRODUCTS = 5
ROUNDS = 7
FATES = (Fate.TAKEN, Fate.TAKEN, Fate.REFUSED, Fate.APPLIED_AND_REFUSED, Fate.SLOWED)
NAME = "webshop"

T = TypeVar("T")


class Killed(BaseException):
    """What a kill does to a sender: nothing that it has not committed happens."""


class MortalStore(Store):
    """A sender's way to the store: it may be killed in a transaction, or after its commit."""

    def __init__(self, store: Store, maybe_die: Callable[[], None]) -> None:
        super().__init__(store.engine, busy_timeout=timedelta(seconds=30))
        self.clock_offset = store.clock_offset
        self._maybe_die = maybe_die

    def run(self, work: Callable[[Transaction], T]) -> T:
        def all_of_it(tx: Transaction) -> T:
            answer = work(tx)
            self._maybe_die()
            return answer

        answer = super().run(all_of_it)
        self._maybe_die()
        return answer


class World:
    """A store that is written to, a shop that began with an export, and senders that die."""

    def __init__(self, store: Store, rng: Random) -> None:
        self.store = store
        self.rng = rng
        self.shop = HookShop()
        self.shop.fate = lambda: self.rng.choice(FATES)
        self.now = NOW
        self.lives = 0
        self.is_dead = False
        self.is_calm = False
        self.start, self.shop.copy = look(store)
        self.shop.secret = store.run(self._add) or ""

    def _add(self, tx: Transaction) -> str | None:
        remove_webhook(tx, NAME, now=NOW)  # of the example before
        return add_webhook(
            tx,
            name=NAME,
            url="http://shop.test",
            position=self.start,
            documents=True,
            most=self.rng.randint(1, 4),
            now=NOW,
        )

    def webhook(self) -> Webhook:
        with self.store.read() as tx:
            found = find_webhook(tx, NAME)
        assert found is not None
        return found

    def write(self) -> None:
        for _ in range(self.rng.randint(0, 3)):
            read_from, read_to = self.store.draw_number(), self.store.draw_number()
            number = self.rng.randrange(PRODUCTS)
            if self.rng.random() < 0.3:
                write(self.store, absent(number, read_from, read_to))
                continue
            made = live(body_of(number, content=self.rng.randint(0, 9)), read_from, read_to)
            document = Document({"key": made.read.key, "at": read_from}, frozenset({FAMILY}))
            write(self.store, ProductWrite(made.read, document, confirmed=True))

    async def post(self, webhook: Webhook, message: Message, *, at: datetime) -> Answer:
        """The wire: a sender may be killed on either side of it."""
        self.maybe_die()
        secrets = webhook.secrets_at(at)
        headers = signed_headers(secrets, message_id=message.id, at=at, body=message.body)
        confirmed = self.webhook().position
        fate = self.shop.take(headers, message.body)
        assert min(self.shop.received[-1].numbers) > confirmed, "sent again after a confirmation"
        self.maybe_die()
        if self.rng.random() < 0.5 and not self.is_calm:
            self.write()
        match fate:
            case Fate.TAKEN:
                return Answer(204)
            case Fate.SLOWED:
                return Answer(429, "it answered 429", timedelta(seconds=self.rng.randint(0, 90)))
            case _:
                return Answer(None, "no answer")

    def maybe_die(self) -> None:
        """The dead stay dead, whatever they still try."""
        self.is_dead = self.is_dead or (self.rng.random() < 0.1 and not self.is_calm)
        if self.is_dead:
            raise Killed

    def live_and_die(self) -> None:
        """One life of a sender; a successor comes when the lease has lapsed."""
        self.lives += 1
        self.is_dead = False
        with suppress(Killed):
            asyncio.run(self.notify(MortalStore(self.store, self.maybe_die)))
        self.store.clock_offset += timedelta(minutes=2)
        self.now += timedelta(seconds=self.rng.choice([1, 60, 8000]))

    async def notify(self, store: Store) -> None:
        async def pass_time(seconds: float) -> None:
            self.now += timedelta(seconds=seconds)

        await notify_due(
            store,
            self.post,
            holder=f"life-{self.lives}",
            give_up=timedelta(days=1000),
            now=lambda: self.now,
            sleep=pass_time,
        )

    def calm_down(self) -> None:
        """From now on all goes well: what is still to be sent is sent."""
        self.is_calm = True
        self.shop.fate = lambda: Fate.TAKEN
        self.now += timedelta(days=2)
        self.live_and_die()


@settings(
    max_examples=max(3, settings().max_examples // 40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=SEEDS)
def test_a_shop_that_is_told_holds_the_store(store: Store, seed: int) -> None:
    world = World(store, Random(seed))
    for _ in range(ROUNDS):
        world.write()
        world.live_and_die()
    world.calm_down()
    assert world.shop.forged == 0
    assert (world.webhook().position, world.shop.copy) == look(store)
    with store.read() as tx:
        every = [change.seq for change in read_changes(tx, after=world.start)]
    received = world.shop.received
    assert sorted({number for each in received for number in each.numbers}) == every
    confirmed = Counter(each.id for each in received if each.fate is Fate.TAKEN)
    repeated = sum(count - 1 for count in confirmed.values())
    assert repeated <= world.lives  # only who is killed sends again what was taken
