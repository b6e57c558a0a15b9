"""Shops are told by signed requests over a real socket, each from its own position on."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest

from flows.notifying import Answer, HttpPost, NotifyReport, notify_due, notify_shops
from flows.notifying.message import Message, make_ping
from pim.ids import RunId
from settings import load_settings
from storage import Store
from storage.products import read_bounds, read_changes
from storage.retention import remove_changes
from storage.state import list_alarms
from storage.webhooks import (
    OFF_ALARM,
    Webhook,
    WebhookState,
    add_webhook,
    claim_webhook,
    find_webhook,
    pause_webhook,
    put_off_webhook,
    replay_webhook,
    resume_webhook,
    rotate_secret,
)
from tests.hook_shop import Fate, HookShop
from tests.served_app import bind_loopback, served
from tests.store_builders import LEASE, NOW, absent, at, body_of, live, uuid_of, write

GIVE_UP = timedelta(days=5)
SHORT = timedelta(seconds=1)


class Scene:
    """A store, a shop at the end of a wire, and the instant at which runs are made."""

    def __init__(self, store: Store, shop: HookShop, url: str) -> None:
        self.store = store
        self.shop = shop
        self.url = f"{url}/hook"
        self.now = NOW
        self.slept: list[float] = []

    def add(
        self,
        name: str = "webshop",
        *,
        url: str = "",
        position: int = 0,
        documents: bool = True,
        most: int = 100,
    ) -> None:
        secret = self.store.run(
            lambda tx: add_webhook(
                tx,
                name=name,
                url=url or self.url,
                position=position,
                documents=documents,
                most=most,
                now=NOW,
            )
        )
        assert secret is not None
        self.shop.secret = secret

    def write(self, *products: int, content: int = 0) -> None:
        for product in products:
            write(self.store, live(body_of(product, content=content), content + 1, content + 2))

    def doom(self, *fates: Fate) -> None:
        """The fates of the next requests; those after them are taken."""
        coming = chain(fates, repeat(Fate.TAKEN))
        self.shop.fate = lambda: next(coming)

    async def sleep(self, seconds: float) -> None:
        """Time passes at once."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def run(
        self, *, longest: timedelta = timedelta(seconds=60), seconds: float = 600
    ) -> NotifyReport:
        return asyncio.run(self.notify(longest, seconds))

    async def notify(self, longest: timedelta, seconds: float) -> NotifyReport:
        async with HttpPost(timeout=timedelta(seconds=seconds)) as post:
            return await notify_due(
                self.store,
                post,
                holder="run",
                give_up=GIVE_UP,
                longest=longest,
                now=lambda: self.now,
                sleep=self.sleep,
            )

    def fail(self, name: str) -> None:
        """A request failed before, and is due again."""
        webhook = self.store.run(
            lambda tx: claim_webhook(tx, name, holder="before", lease=LEASE, now=NOW)
        )
        assert webhook is not None
        self.store.run(
            lambda tx: put_off_webhook(
                tx, webhook, holder="before", problem="-", not_before=NOW, now=NOW
            )
        )

    def stored(self, name: str = "webshop") -> Webhook:
        with self.store.read() as tx:
            found = find_webhook(tx, name)
        assert found is not None
        return found

    def end(self) -> int:
        with self.store.read() as tx:
            return read_bounds(tx)[1]

    def told(self) -> list[list[int]]:
        """The changes of each request, counted from 1: numbers may go on from test to test."""
        with self.store.read() as tx:
            kept_from, _ = read_bounds(tx)
            numbers = [change.seq for change in read_changes(tx, after=kept_from)]
        return [
            [numbers.index(int(str(n))) + 1 for n in each.numbers] for each in self.shop.received
        ]

    def alarms(self) -> dict[str, str]:
        with self.store.read() as tx:
            return {alarm.name: alarm.text for alarm in list_alarms(tx)}


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    shop = HookShop()
    with served(shop.app()) as url:
        yield Scene(store, shop, url)
    assert shop.forged == 0


def test_a_shop_is_told_all_in_order_and_nothing_twice(scene: Scene) -> None:
    scene.add(most=2)
    scene.write(0, 1, 2)
    write(scene.store, absent(1, 3, 4))
    report = scene.run()
    assert scene.told() == [[1, 2], [3, 4]]
    assert {each.kind for each in scene.shop.received} == {"product.changed"}
    assert scene.shop.copy.keys() == {uuid_of(0), uuid_of(2)}
    assert report.summary() == "4 changes to webshop"
    assert scene.stored().position == scene.end()
    assert scene.run().summary() == "nothing is to be sent"
    scene.write(3)
    scene.run()
    assert scene.told() == [[1, 2], [3, 4], [5]]


def test_changes_alone_are_sent_where_no_documents_are_wanted(scene: Scene) -> None:
    scene.add(documents=False)
    scene.write(0)
    scene.run()
    (change,) = scene.shop.received[0].changes
    assert "document" not in change
    assert (change["seq"], change["change"]) == (scene.end(), "created")


def test_what_was_not_confirmed_is_sent_again_under_the_same_id(scene: Scene) -> None:
    scene.add(most=2)
    scene.write(0)
    scene.doom(Fate.APPLIED_AND_REFUSED)
    report = scene.run(longest=timedelta(seconds=4))
    assert report.problems == ["webshop: next try in 5.0 s: it answered 500: out of order"]
    assert (scene.stored().position, scene.stored().batch_end) == (0, scene.end())
    scene.write(1, 2)
    scene.now = at(5)
    scene.run()
    first, again, rest = scene.shop.received
    assert scene.told() == [[1], [1], [2, 3]]
    assert first.id == again.id != rest.id
    assert len(scene.shop.copy) == 3


def test_a_try_that_comes_soon_is_waited_for(scene: Scene) -> None:
    scene.add()
    scene.write(0)
    scene.doom(Fate.REFUSED)
    report = scene.run()
    assert (scene.slept, report.problems) == ([5.0], [])
    assert report.summary() == "1 change to webshop"


@pytest.mark.parametrize(
    ("fate", "words", "seconds"),
    [
        (Fate.REFUSED, "it answered 500: out of order", 5),
        (Fate.SLOWED, "it answered 429", 90),
        (Fate.ELSEWHERE, "it answered 301, a redirect, and none is followed", 5),
        (Fate.HANGS, "no answer within 1 s", 5),
    ],
)
def test_an_answer_that_is_no_confirmation_puts_the_same_off(
    scene: Scene, fate: Fate, words: str, seconds: int
) -> None:
    scene.add()
    scene.write(0)
    scene.doom(fate)
    scene.run(longest=timedelta(seconds=4), seconds=SHORT.total_seconds())
    stored = scene.stored()
    assert stored.problem is not None
    assert words in stored.problem
    assert (stored.not_before, stored.failures) == (at(seconds), 1)
    assert (stored.position, scene.alarms()) == (0, {})


def test_a_shop_that_is_away_is_told_when_it_is_back(scene: Scene) -> None:
    with closing(bind_loopback()) as listener:
        port = listener.getsockname()[1]
    scene.add(url=f"http://127.0.0.1:{port}/hook")
    scene.write(0, 1)
    scene.run(longest=timedelta(seconds=4))
    problem = scene.stored().problem or ""
    assert problem.startswith("no answer: ")
    assert scene.stored().url not in problem
    again = socket.create_server(("127.0.0.1", port))
    with served(scene.shop.app(), again):
        scene.now = at(5)
        scene.run()
    assert scene.told() == [[1, 2]]
    assert scene.stored().problem is None


def test_410_switches_off_at_once_and_a_person_may_resume_it(scene: Scene) -> None:
    scene.add()
    scene.write(0)
    scene.doom(Fate.GONE)
    report = scene.run()
    assert "switched off: it answered 410: not here any more" in report.summary()
    assert scene.stored().state is WebhookState.OFF
    assert "webshop" in scene.alarms()[OFF_ALARM]
    scene.write(1)
    scene.now = at(10**6)
    assert scene.run().skipped is not None
    scene.store.run(lambda tx: resume_webhook(tx, "webshop", now=scene.now))
    scene.run()
    assert scene.told() == [[1], [1], [2]]
    assert scene.alarms() == {}


def test_what_fails_for_days_is_switched_off_with_an_alarm(scene: Scene) -> None:
    scene.add()
    scene.write(0)
    scene.doom(*repeat(Fate.REFUSED, 50))
    tries = 0
    while scene.stored().state is WebhookState.ACTIVE:
        scene.run(longest=timedelta(seconds=4))
        tries += 1
        scene.now = scene.stored().not_before or scene.now
    assert tries == 12
    assert scene.now - NOW >= GIVE_UP
    assert "12 tries failed in" in (scene.stored().problem or "")
    assert scene.alarms().keys() == {OFF_ALARM}
    assert scene.stored().position == 0


def test_a_position_whose_changes_were_removed_is_told_and_never_skipped(scene: Scene) -> None:
    scene.add()
    scene.write(0, 1, 2)
    scene.store.run(lambda tx: remove_changes(tx, older_than=at(1), limit=2))
    report = scene.run()
    assert "begin with an export" in report.summary()
    assert (scene.shop.received, scene.stored().position) == ([], 0)
    assert "are kept from" in scene.alarms()[OFF_ALARM]


def test_a_replay_is_sent_under_new_ids(scene: Scene) -> None:
    scene.add()
    scene.write(0)
    scene.run()
    scene.shop.copy.clear()
    scene.store.run(lambda tx: replay_webhook(tx, "webshop", position=0, now=NOW))
    scene.run()
    first, again = scene.shop.received
    assert first.numbers == again.numbers
    assert first.id != again.id
    assert scene.shop.copy.keys() == {uuid_of(0)}


def test_both_secrets_sign_while_one_is_exchanged(scene: Scene) -> None:
    scene.add()
    scene.write(0)
    day = timedelta(days=1)
    new = scene.store.run(lambda tx: rotate_secret(tx, "webshop", now=NOW, overlap=day))
    scene.run()
    assert [each.signatures for each in scene.shop.received] == [2]
    scene.now, scene.shop.secret = NOW + day, new or ""
    scene.write(1)
    scene.run()
    assert [each.signatures for each in scene.shop.received] == [2, 1]


def test_another_s_lease_leaves_it_alone(scene: Scene) -> None:
    scene.add()
    scene.write(0)
    scene.store.run(lambda tx: claim_webhook(tx, "webshop", holder="another", lease=LEASE, now=NOW))
    assert scene.run().skipped is not None
    scene.store.clock_offset = LEASE + SHORT
    scene.run()
    assert scene.told() == [[1]]


def test_a_ping_arrives_signed_and_moves_nothing(scene: Scene) -> None:
    scene.add()
    webhook = scene.stored()

    async def ping() -> Answer:
        async with HttpPost() as post:
            return await post(webhook, make_ping(webhook, now=NOW), at=NOW)

    assert asyncio.run(ping()).is_confirmed
    assert [(each.kind, each.numbers) for each in scene.shop.received] == [("ping", [])]


class HandPost:
    """Answers by hand: `webhook.name` decides."""

    def __init__(self, answers: dict[str, Sequence[int]]) -> None:
        self.answers = {name: iter(each) for name, each in answers.items()}
        self.sent: list[str] = []
        self.all_others_told = asyncio.Event()

    async def __call__(self, webhook: Webhook, message: Message, *, at: datetime) -> Answer:
        del message, at
        self.sent.append(webhook.name)
        if webhook.name.startswith("dead"):
            await self.all_others_told.wait()
            return Answer(None, "no answer within 15 s")
        status = next(self.answers[webhook.name])
        if self.sent.count("well") == 3:
            self.all_others_told.set()
        return Answer(status)


def test_dead_shops_hold_up_no_other(scene: Scene) -> None:
    """More of them than requests at a time; the first of all runs is over when `well` is told."""
    dead = [f"dead-{number:02d}" for number in range(18)]
    for name in (*dead, "well"):
        scene.add(name, most=1)
    scene.write(0, 1, 2)
    for name in dead:
        scene.fail(name)

    async def play() -> NotifyReport:
        post = HandPost({"well": [200, 200, 200]})
        return await notify_due(
            scene.store, post, holder="run", give_up=GIVE_UP, now=lambda: scene.now
        )

    report = asyncio.run(play())
    assert report.webhooks["well"].changes == 3
    assert len(report.problems) == len(dead)


def test_a_person_who_pauses_is_heeded_before_the_next_request(scene: Scene) -> None:
    scene.add("well", most=1)
    scene.write(0, 1, 2)

    async def play() -> None:
        def answers() -> Iterator[int]:
            yield 200
            scene.store.run(lambda tx: pause_webhook(tx, "well", now=NOW))
            yield 200

        post = HandPost({"well": answers()})  # type: ignore[dict-item] # an endless sequence
        report = await notify_due(scene.store, post, holder="run", give_up=GIVE_UP)
        assert "changed by a person" in (report.webhooks["well"].stood_by or "")

    asyncio.run(play())
    stored = scene.stored("well")
    assert (scene.end() - stored.position, stored.state) == (1, WebhookState.PAUSED)


def test_a_run_of_the_settings_says_that_nobody_is_to_be_told(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    settings = load_settings({"SYNC_DATABASE_URL": store_url}, root=tmp_path)
    report = asyncio.run(notify_shops(settings, run_id=RunId("run")))
    assert report.summary() == "there is no webhook"
    assert replace(report, skipped=None).summary() == "nothing was confirmed"
    assert store.label
