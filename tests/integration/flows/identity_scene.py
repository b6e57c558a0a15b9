"""A shop whose PIM's events are kept back, and products that change their names in it."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

from pim.json_types import JsonObject
from pim.product.product import content_hash
from tests.post_office import PostOffice, post_office
from tests.shop import SECRET, Shop, open_shop

ORDERS = ("in reverse", "twice over")
"""How events are told, beside as they happened."""


@dataclass
class Scene:
    """Three products of a story: `a` and `b`, and `c` that points to both."""

    shop: Shop
    office: PostOffice
    story: str = ""
    uuids: dict[str, str] = field(default_factory=dict)

    async def play(self, stories: "Sequence[Story]", order: str | None) -> None:
        """Have each story happen to three products of its own; None: nobody is told of it."""
        played = [self.begin(f"{story.__name__} {order}") for story in stories]
        await self.tell("in order")
        for story, self.story, self.uuids in zip(stories, *zip(*played, strict=True), strict=True):
            story(self)
        if order is None:
            self.office.take()
        else:
            await self.tell(order)

    def begin(self, story: str) -> tuple[str, dict[str, str]]:
        """Make the three; their identifiers begin with the story's own name."""
        self.story = story
        self.uuids = {name: str(uuid4()) for name in "abc"}
        self.make("a", values={"color": [_value("red")]})
        self.make("b", values={"color": [_value("blue")]})
        targets = [self.uuids["a"], self.uuids["b"]]
        self.make("c", associations={"X_SELL": {"products": targets}})
        return self.story, self.uuids

    def name(self, name: str) -> str:
        """The identifier that a product of this story starts with: in capitals."""
        return f"{self.story}-{name}".upper()

    def make(self, which: str, **changes: object) -> None:
        body = {"identifier": self.name(which), "family": None, **changes}
        self.shop.control("products", {"uuid": self.uuids[which], "changes": body})

    def change(self, which: str, **changes: object) -> None:
        self.shop.control(f"products/{self.uuids[which]}", {"changes": changes})

    def remove(self, which: str) -> None:
        url = f"{self.shop.pim_url}/_simulator/products/{self.uuids[which]}"
        self.shop.http.delete(url).raise_for_status()

    async def tell(self, order: str) -> None:
        """Hand the kept events on, and drain."""
        events = self.office.take()
        arranged = {
            "in order": events,
            "in reverse": events[::-1],
            "twice over": [*events, *events],
        }
        self.office.hand_on(arranged[order])
        await self.shop.drain()

    def assert_true(self) -> None:
        """Every product that the PIM lists is in the store as it is, and no other."""
        assert self.stored() == self.truth()

    def truth(self) -> dict[str, str]:
        answer = self.shop.http.get(f"{self.shop.pim_url}/_simulator/truth").raise_for_status()
        return _hashes([json.loads(line) for line in answer.text.splitlines()])

    def stored(self) -> dict[str, str]:
        return _hashes([*self.shop.sources().values()])


Story: TypeAlias = Callable[[Scene], None]


def _value(data: str) -> JsonObject:
    return {"locale": None, "scope": None, "data": data}


def _hashes(products: list[JsonObject]) -> dict[str, str]:
    """What is shown by whom: without the order of sets. Before version 7 names are needed."""
    named = [(each.get("uuid") or each.get("identifier"), each) for each in products]
    return {str(name): content_hash(each) for name, each in named if name is not None}


def open_scene(folder: Path, **pim: Any) -> Iterator[Scene]:
    """Serve a very small shop; `pim` are settings of the simulated PIM."""
    with ExitStack() as stack:
        shop = stack.enter_context(open_shop(folder, products=3, **pim))
        office, url = stack.enter_context(post_office(shop.receiver_url, SECRET))
        shop.control("webhook", {"url": url, "secret": SECRET})
        asyncio.run(shop.reconcile())
        yield Scene(shop, office)
