"""Edits, drains, sweeps and fan-out at once, many of them cut off: documents and feed stay true.

In the end every document is what rendering it anew gives, and a reader that applied each change of
the feed to an empty copy holds exactly the store.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from flows.drain import DrainReport, drain_inbox
from flows.write_path import work_off_marks
from pim.ids import RunId
from pim.json_types import JsonObject
from pim.vocabulary import CatalogKind, Channel
from storage.catalog import list_items, open_marks
from tests.feed_copy import Copy, look
from tests.rendered_anew import documents, rendered_anew
from tests.shop import Shop, open_shop, settle_plainly

pytestmark = pytest.mark.anyio

EDITS = 10
RUNS = 4
LISTS = {
    CatalogKind.FAMILY: "families",
    CatalogKind.CATEGORY: "categories",
    CatalogKind.ATTRIBUTE: "attributes",
    CatalogKind.CHANNEL: "channels",
}


class Play:
    """One shop, and who works on it at the same time."""

    def __init__(self, shop: Shop, rng: Random) -> None:
        self.shop = shop
        self.rng = rng
        self.copy = Copy()
        self.done = asyncio.Event()
        with shop.store.read() as tx:
            self.codes = {kind: sorted(list_items(tx, kind)) for kind in LISTS}
            self.options = sorted(list_items(tx, CatalogKind.OPTION, "tags"))

    async def edit(self) -> None:
        """People work in the PIM, on products and on what these show."""
        for number in range(EDITS):
            label: JsonObject = {"changes": {"labels": {"en_US": f"Label {number}"}}}
            path, body = "edits", label
            match self.rng.randrange(4):
                case 0:
                    body = {"operations": 4, "seed": number}
                case 1:
                    option = self.rng.choice(self.options)
                    path, body = f"structure/options/{option}?parent=tags", label
                case 2:
                    tree = self.rng.choice(["master", "print_catalogue"])
                    channel = self.rng.choice(self.codes[CatalogKind.CHANNEL])
                    path, body = (
                        f"structure/channels/{channel}",
                        {"changes": {"category_tree": tree}},
                    )
                case _:
                    kind = self.rng.choice([*LISTS])
                    code = self.rng.choice(self.codes[kind])
                    path, body = f"structure/{LISTS[kind]}/{code}", label
            await asyncio.to_thread(self.shop.control, path, body)

    async def drain(self) -> None:
        name = str(uuid4())
        await drain_inbox(
            self.shop.settings,
            run_id=RunId(name),
            run_name=name,
            step=settle_plainly,
            report=DrainReport(),
        )

    async def sweep(self) -> None:
        await self.shop.reconcile(full=False)

    async def fan_out(self) -> None:
        async with self.shop.session() as session:
            await work_off_marks(session)

    async def again_and_again(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run so often; some of the runs end in the middle of their work."""
        for _ in range(RUNS):
            task = asyncio.create_task(run())
            if self.rng.random() < 0.5:
                await asyncio.wait([task], timeout=self.rng.random())
                task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def read(self) -> None:
        """A shop follows the feed meanwhile."""
        while not self.done.is_set():
            await asyncio.to_thread(self.copy.follow, self.shop.store, self.rng.randint(1, 5))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.done.wait(), timeout=0.05)

    async def play(self) -> None:
        reader = asyncio.create_task(self.read())
        work: list[Awaitable[None]] = [self.edit()]
        work += [self.again_and_again(run) for run in (self.drain, self.sweep, self.fan_out)]
        try:
            await asyncio.gather(*work)
        finally:
            self.done.set()
            await reader


# A run that is cut off leaves the connection of its thread to the collector of garbage.
@pytest.mark.filterwarnings("ignore:Exception ignored in. .function BaseConnection")
@pytest.mark.parametrize("seed", range(2))
async def test_documents_and_feed_stay_true_whatever_runs_at_once_and_is_cut_off(
    tmp_path: Path, store_url: str, seed: int
) -> None:
    with open_shop(
        tmp_path,
        database_url=store_url,
        products=10,
        models=1,
        seed=seed + 1,
        told_by=(Channel.EVENT_PLATFORM,),
        tunables={"SYNC_MAX_DELETE_SHARE": "1"},
    ) as shop:
        await shop.reconcile()
        play = Play(shop, Random(seed))
        await play.play()
        await shop.drain()
        await shop.reconcile()
        while play.copy.follow(shop.store, 7):
            pass
        assert documents(shop) == await rendered_anew(shop)
        assert (play.copy.position, play.copy.documents) == look(shop.store)
        assert play.copy.reloads == 0
        assert shop.sources() == shop.truth()
        with shop.store.read() as tx:
            assert open_marks(tx) == []
    gc.collect()
