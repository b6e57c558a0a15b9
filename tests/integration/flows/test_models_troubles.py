"""A model's event when not everything can be read: what is settled, put off, or given up."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.drain.descent import FORBIDDEN
from pim.errors import SourceServerError
from tests.integration.flows.model_scene import (
    delete_model,
    model_events,
    models_of,
    name_of,
    rename_model,
    root_of,
    stored_models,
    subs_of,
    tell,
    variants_of,
)
from tests.integration.flows.poison import Poison
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

MODELS = "/api/rest/v1/product-models"


@pytest.fixture(scope="module")
def poison() -> Poison:
    return Poison()


@pytest.fixture(scope="module")
def model_shop(tmp_path_factory: pytest.TempPathFactory, poison: Poison) -> Iterator[Shop]:
    """A shop with models whose events have one try; each test leaves store equal to source."""
    with open_shop(
        tmp_path_factory.mktemp("models"),
        products=10,
        models=10,
        tunables={"SYNC_MAX_ATTEMPTS": "1"},
        dress=poison.dress,
    ) as shop:
        asyncio.run(shop.reconcile())
        yield shop


@pytest.fixture
def healthy(model_shop: Shop, poison: Poison) -> Iterator[Shop]:
    """Whatever a test spoils is mended after it."""
    yield model_shop
    poison.fails.clear()
    model_shop.http.delete(f"{model_shop.pim_url}/_simulator/answers").raise_for_status()
    model_shop.control("index", {"rebuild": True, "lag_seconds": 0})


async def test_a_variant_that_cannot_be_read_holds_up_no_other_and_is_named(
    healthy: Shop, poison: Poison
) -> None:
    code = root_of(healthy, levels=2)
    bad, *others = variants_of(healthy, code)
    poison.fails.add(bad)
    rename_model(healthy, code, "All but one")
    report = await healthy.drain()
    assert {name_of(healthy.sources()[uuid]) for uuid in others} == {"All but one"}
    (state, reason), *_ = model_events(healthy)
    assert state == "dead"
    assert bad in reason
    assert [letter.reason for letter in report.total.dead] == [reason]
    poison.fails.clear()
    await healthy.reconcile()
    assert healthy.sources() == healthy.truth()


async def test_models_that_may_not_be_read_are_no_reason_to_leave_their_variants_behind(
    healthy: Shop,
) -> None:
    code = root_of(healthy, levels=2)
    rename_model(healthy, code, "Without the right")
    healthy.control("answers", {"path": MODELS, "status": 403, "times": None})
    await healthy.drain()
    assert healthy.sources() == healthy.truth()
    (state, reason), *_ = model_events(healthy)
    assert state == "applied"
    assert reason.startswith(FORBIDDEN)
    report = await healthy.reconcile()
    assert any("may not read product models" in note for note in report.notes)


async def test_a_model_that_is_gone_takes_its_variants_along_though_it_may_not_be_read(
    healthy: Shop,
) -> None:
    code = root_of(healthy, levels=1)
    delete_model(healthy, code)
    healthy.control("answers", {"path": MODELS, "status": 403, "times": None})
    await healthy.drain()
    assert healthy.sources() == healthy.truth()
    (state, reason), *_ = model_events(healthy)
    assert state == "applied"
    assert reason.startswith(FORBIDDEN)


async def test_a_models_event_stays_due_while_the_source_fails(healthy: Shop) -> None:
    code = root_of(healthy, levels=1)
    rename_model(healthy, code, "Later")
    healthy.control("answers", {"path": MODELS, "status": 503, "times": None})
    uuid = next(iter(healthy.truth()))
    healthy.control(f"products/{uuid}", {"changes": {"enabled": False}})
    await healthy.drain()  # products go on, and the model's variants with them
    (waiting,) = healthy.events("waiting")
    assert (waiting.attempts, healthy.events("due")) == (0, [])
    assert "does not read product models now" in (waiting.reason or "")
    assert healthy.status().breaker.failing_since is None
    healthy.http.delete(f"{healthy.pim_url}/_simulator/answers").raise_for_status()
    healthy.make_due()
    await healthy.drain()
    assert model_events(healthy)[0][0] == "applied"
    assert healthy.sources() == healthy.truth()


async def test_an_event_stays_due_if_the_drain_ends_between_its_variants(healthy: Shop) -> None:
    """The model is written and half of what hangs below it: nothing says that it is done."""
    code = root_of(healthy, levels=2)
    rename_model(healthy, code, "Interrupted")
    healthy.control("answers", {"path": "/api/rest/v1/products-uuid", "status": 503, "times": None})
    with pytest.raises(SourceServerError):
        await healthy.drain()
    assert code in stored_models(healthy)
    assert len(healthy.events("due")) == 1
    healthy.http.delete(f"{healthy.pim_url}/_simulator/answers").raise_for_status()
    await healthy.drain()
    assert model_events(healthy)[0][0] == "applied"
    assert healthy.sources() == healthy.truth()


async def test_variants_the_search_index_does_not_show_are_read_by_their_own_urls(
    healthy: Shop,
) -> None:
    code = root_of(healthy, levels=2)
    variants = variants_of(healthy, code)
    healthy.control("index", {"forget": variants[:2]})
    rename_model(healthy, code, "Behind the index")
    healthy.control("index", {"forget": variants[:2]})
    await healthy.drain()
    assert healthy.sources() == healthy.truth()
    assert model_events(healthy)[0][1].startswith(f"model read; {len(variants)} variants:")


async def test_a_listing_that_leaves_models_out_removes_none(healthy: Shop) -> None:
    code = root_of(healthy, levels=2)
    healthy.control("index", {"forget": [code, *subs_of(healthy, code)]})
    await healthy.reconcile()
    assert stored_models(healthy) == models_of(healthy)
    assert healthy.sources() == healthy.truth()


async def test_an_event_of_a_model_that_nobody_knows_is_gone(healthy: Shop) -> None:
    tell(healthy, "product_model.updated", "no-such-model")
    await healthy.drain()
    assert model_events(healthy)[0] == (
        "gone",
        "confirmed: the source does not have the model; no variants",
    )


async def test_a_proxys_page_is_no_absence_of_a_model(healthy: Shop) -> None:
    code = root_of(healthy, levels=1)
    before = healthy.sources()
    tell(healthy, "product_model.removed", code)
    healthy.control("answers", {"path": MODELS, "status": 404, "html": True, "times": None})
    await healthy.drain()
    assert healthy.sources() == before
    assert len(healthy.events("waiting")) == 1
    healthy.http.delete(f"{healthy.pim_url}/_simulator/answers").raise_for_status()
    healthy.make_due()
    await healthy.drain()
    assert healthy.sources() == healthy.truth()


async def test_a_whole_assortment_that_is_deleted_by_its_models_events_waits_for_nobody(
    tmp_path: Path,
) -> None:
    with open_shop(tmp_path, products=5, models=12) as shop:
        await shop.reconcile()
        for code, model in models_of(shop).items():
            if model["parent"] is None:
                delete_model(shop, code)
        await shop.drain()
        assert shop.sources() == shop.truth()
        assert shop.status().inbox.held == 0
        assert stored_models(shop) == {}
