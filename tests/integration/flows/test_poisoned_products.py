"""Products that cannot be read fail alone, with a reason; the others of their chunk are written."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pim.json_types import JsonObject, JsonValue
from tests.integration.flows.poison import Poison, Spoil
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

ATTEMPTS = 2


@pytest.fixture
def poison() -> Poison:
    return Poison()


@pytest.fixture
def shop(tmp_path: Path, poison: Poison) -> Iterator[Shop]:
    tunables = {"SYNC_MAX_ATTEMPTS": str(ATTEMPTS)}
    with open_shop(tmp_path, products=100, tunables=tunables, dress=poison.dress) as running:
        yield running


def put(**changes: JsonValue) -> Spoil:
    return lambda product: json.dumps({**product, **changes}).encode()


def without(*names: str) -> Spoil:
    return lambda product: json.dumps(
        {name: value for name, value in product.items() if name not in names}
    ).encode()


def raw(name: str, text: bytes) -> Spoil:
    def spoil(product: JsonObject) -> bytes:
        return json.dumps({**product, name: "@"}).encode().replace(b'"@"', text)

    return spoil


UNREADABLE = {
    "no values": without("values"),
    "values a text": put(values="none"),
    "no uuid": without("uuid"),
    "uuid a number": put(uuid=7),
    "uuid blank": put(uuid=" "),
    "another's uuid": put(uuid="00000000-0000-4000-8000-000000000000"),
    "a list": lambda _product: b"[]",
    "a text": lambda _product: b'"product"',
    "null": lambda _product: b"null",
    "NaN": raw("values", b"NaN"),
    "deep": raw("values", b"[" * 400 + b"]" * 400),
    "not UTF-8": raw("family", b'"\xff"'),
    "cut": raw("family", b'"'),
}
ODD_AND_READABLE = {
    "no updated": without("updated"),
    "updated in words": put(updated="yesterday"),
    "updated null": put(updated=None),
    "updated before the year 1": put(updated="-0001-11-30T00:00:00+00:00"),
    "updated at the calendar's edge": put(updated="9999-12-31T23:59:59-12:00"),
    "no zone": put(updated="2026-11-23T10:00:00"),
    "values null": put(values=None),
    "values a list": put(values=[1, None, "x"]),
    "values of odd shape": put(values={"name": {"data": 1}, "x": [None, 5, {"locale": []}]}),
    "categories of odd shape": put(categories={"a": 1}),
    "family a map": put(family={"code": "x"}),
    "everything null": put(
        **dict.fromkeys(
            ["family", "parent", "categories", "groups", "values", "associations", "created",
             "quantified_associations", "completenesses", "quality_scores", "enabled", "identifier"]
        )
    ),
    "huge number": raw("values", b'{"n":[{"locale":null,"scope":null,"data":1e400}]}'),
    "NUL": put(family="a\0b", identifier="a\0b"),
}  # fmt: skip


async def touch_all(shop: Shop, uuids: list[str]) -> None:
    """Have the PIM tell of each once; what kind of PIM it is, is known already."""
    async with shop.session():
        products = shop.truth()
    for uuid in uuids:
        changes = {"enabled": not products[uuid]["enabled"]}
        shop.control(f"products/{uuid}", {"changes": changes})


async def drain_to_the_end(shop: Shop) -> None:
    for _ in range(ATTEMPTS):
        shop.make_due()
        await shop.drain()


async def test_those_that_cannot_be_read_are_dead_letters_and_the_others_are_written(
    shop: Shop, poison: Poison
) -> None:
    uuids = sorted(shop.truth())
    await touch_all(shop, uuids)
    poison.spoilt = dict(zip(uuids[::6], UNREADABLE.values(), strict=False))
    assert len(poison.spoilt) == len(UNREADABLE)

    await drain_to_the_end(shop)

    assert set(shop.exported()) == {*uuids} - {*poison.spoilt}
    dead = {event.resource_key: event.reason or "" for event in shop.events("dead")}
    assert set(dead) == {*poison.spoilt}
    assert all(reason.isprintable() and len(reason) > 10 for reason in dead.values())
    assert shop.status().breaker.failing_since is None


async def test_those_of_odd_shape_are_mirrored_as_they_are(shop: Shop, poison: Poison) -> None:
    uuids = sorted(shop.truth())[:40]
    await touch_all(shop, uuids)
    poison.spoilt = dict(zip(uuids[::2], ODD_AND_READABLE.values(), strict=False))
    assert len(poison.spoilt) == len(ODD_AND_READABLE)

    await shop.drain()

    assert set(shop.exported()) == {*uuids}
    assert Counter(event.state for event in shop.events()) == {"applied": len(uuids)}


async def test_one_that_the_source_fails_at_holds_up_no_other(shop: Shop, poison: Poison) -> None:
    uuids = sorted(shop.truth())
    await touch_all(shop, uuids)
    poison.fails = {uuids[0], uuids[1], uuids[99]}

    await drain_to_the_end(shop)

    assert set(shop.exported()) == {*uuids} - poison.fails
    assert {event.resource_key for event in shop.events("dead")} == poison.fails
