"""Models on each database, before PIM 7, and in numbers: what their events cost."""

import json
from collections import Counter
from math import ceil
from pathlib import Path

import pytest

from flows.run.catalog_cache import LIST_FROM
from pim.json_types import JsonObject
from tests.integration.flows.model_scene import (
    calls_of_a_drain,
    delete_model,
    document,
    model_events,
    models_of,
    rename_model,
    root_of,
    stored_models,
)
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio


def truth(shop: Shop) -> dict[str, JsonObject]:
    """What the PIM lists: before version 7 nothing without an identifier, and by it."""
    answer = shop.http.get(f"{shop.pim_url}/_simulator/truth").raise_for_status()
    return by_name([json.loads(line) for line in answer.text.splitlines()])


def stored(shop: Shop) -> dict[str, JsonObject]:
    return by_name([*shop.sources().values()])


def by_name(products: list[JsonObject]) -> dict[str, JsonObject]:
    named = {it.get("uuid") or it.get("identifier"): it for it in products}
    return {str(name): product for name, product in named.items() if name}


@pytest.mark.parametrize(
    ("database", "identifier_only"),
    [("sqlite_url", True), ("postgres_url", False)],
    ids=["SQLite, PIM 5", "PostgreSQL, PIM 7"],
)
async def test_models_are_followed_on_each_database_and_before_version_7(
    tmp_path: Path, request: pytest.FixtureRequest, database: str, *, identifier_only: bool
) -> None:
    url: str = request.getfixturevalue(database)
    with open_shop(
        tmp_path,
        products=3,
        models=6,
        database_url=url,
        identifier_only=identifier_only,
    ) as shop:
        await shop.reconcile()
        assert stored(shop) == truth(shop)

        root = root_of_any(shop)
        rename_model(shop, root, "Renamed")
        await shop.drain()
        assert stored(shop) == truth(shop)
        assert model_events(shop)[0][0] == "applied"

        rename_model(shop, root, "Renamed silently", silent=True)
        await shop.reconcile(full=False)
        assert stored(shop) == truth(shop)
        assert stored_models(shop) == models_of(shop)

        delete_model(shop, root)
        await shop.drain()
        assert stored(shop) == truth(shop)
        assert stored_models(shop) == models_of(shop)


def root_of_any(shop: Shop) -> str:
    """A root of two levels with variants."""
    below: Counter[str] = Counter()
    models = models_of(shop)
    for product in truth(shop).values():
        model = models.get(str(product.get("parent")))
        if model is not None and model["parent"] is not None:
            below[str(model["parent"])] += 1
    return max(below, key=lambda code: below[code])


async def test_edits_of_one_model_cost_a_search_for_each_hundred_variants_and_two_calls(
    tmp_path: Path,
) -> None:
    with open_shop(tmp_path, products=3, models=4) as shop:
        code = root_of(shop, levels=1)
        for _ in range(101):
            body = {"changes": {"parent": code}, "silent": True}
            shop.control("products", body)
        await shop.reconcile()
        for name in ("first", "second", "third"):
            rename_model(shop, code, name)
        calls = await calls_of_a_drain(shop)
        variants = sum(product["parent"] == code for product in shop.truth().values())
        assert variants > 100
        assert calls.total() <= ceil(variants / 100) + 2
        assert [state for state, _ in model_events(shop)] == ["applied", "coalesced", "coalesced"]
        assert shop.sources() == shop.truth()


async def test_models_that_the_mirror_lacks_are_asked_for_together(tmp_path: Path) -> None:
    """Neither one by one, nor by a walk through every model that the PIM has."""
    with open_shop(tmp_path, products=3, models=8) as shop:
        first = {str(it["parent"]): uuid for uuid, it in shop.truth().items() if it["parent"]}
        assert len(first) > LIST_FROM
        for uuid in first.values():
            shop.control(f"products/{uuid}", {"changes": {"enabled": False}})
        calls = await calls_of_a_drain(shop)
        assert calls["product-models"] <= LIST_FROM  # one search, and a few roots
        assert all(document(shop, uuid)["root"] for uuid in first.values())
