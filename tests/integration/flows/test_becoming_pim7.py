"""A PIM 6 becomes a PIM 7, and its subscription's "use UUID" is switched on.

The store is keyed by identifiers before, and by uuids from then on. Nothing is lost on the way,
nothing is deleted by a shrug, and it may be killed anywhere.
"""

import asyncio
import json
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from flows.run.source_facts import IDENTITY_ALARM
from pim.errors import SourceError
from pim.json_types import JsonObject
from pim.vocabulary import Drift, Identity
from settings import read_environment
from storage.products.key_move import KEYS_ALARM, read_move
from storage.state.source import read_facts
from storage.views.history import read_history
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

PRODUCTS = 130
NAMELESS = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"


def an_old_shop(folder: Path, products: int = PRODUCTS) -> AbstractContextManager[Shop]:
    return open_shop(folder, products=products, identifier_only=True, webhook_timeout_seconds=30.0)


def reconcile_in_a_process(shop: Shop) -> None:
    command = "from cli.main import main; main()"
    subprocess.run(  # noqa: S603 - our own interpreter and command
        [sys.executable, "-c", command, "reconcile"],
        env={**read_environment(), **shop.environment()},
        check=True,
        capture_output=True,
    )


def become_version_7(shop: Shop, *, identifier_only: bool = False) -> None:
    """Or 6 again."""
    version = {"identifier_only": identifier_only, "webhook_use_uuid": not identifier_only}
    shop.control("version", version)


def product_url(shop: Shop, uuid: str) -> str:
    return f"{shop.pim_url}/_simulator/products/{uuid}"


def facts(shop: Shop) -> dict[str, str]:
    with shop.store.read() as tx:
        return read_facts(tx)


def identifiers(shop: Shop) -> dict[str, str]:
    """The uuid of each product that the PIM has, by its identifier."""
    return {str(each["identifier"]): key for key, each in named_truth(shop).items()}


def named_truth(shop: Shop) -> dict[str, JsonObject]:
    url = f"{shop.pim_url}/_simulator/truth?flavour=identifier"
    answer = shop.http.get(url).raise_for_status()
    products = [json.loads(line) for line in answer.text.splitlines()]
    return {product["uuid"]: product for product in products}


def story(shop: Shop, name: str) -> list[str]:
    """What `why` tells of the one product of this name: its changes and its events."""
    with shop.store.read() as tx:
        (told,) = (each for each in read_history(tx, name) if each.product is not None)
    return [
        *(str(change.seq) for change in told.changes),
        *(event.event_id for event in told.events),
    ]


def assert_true(shop: Shop) -> None:
    """The store is what the PIM shows, by uuid, and no live product is left under another key."""
    assert shop.sources().keys() == shop.truth().keys()
    assert shop.sources() == shop.truth()


async def stop_in_the_middle(shop: Shop) -> None:
    """A delta moves a page and is ended by the source."""
    by_uuid = {"path": "/api/rest/v1/products-uuid"}
    shop.control("answers", {**by_uuid, "status": 0, "times": 1})
    shop.control("answers", {**by_uuid, "status": 503, "times": None})
    with pytest.raises(SourceError):
        await shop.reconcile(full=False)
    shop.http.delete(f"{shop.pim_url}/_simulator/answers").raise_for_status()
    with shop.store.read() as tx:
        move = read_move(tx)
    assert move is not None
    assert 0 < move.moved < move.total


async def test_the_way_from_identifiers_to_uuids(tmp_path: Path) -> None:
    with an_old_shop(tmp_path) as shop:
        await shop.reconcile()
        uuids = identifiers(shop)
        deleted, quiet, told, gone = sorted(uuids)[:4]
        stories = {name: story(shop, name) for name in (quiet, told, gone)}
        become_version_7(shop)
        shop.http.delete(product_url(shop, uuids[deleted]), params={"silent": True})
        shop.http.delete(product_url(shop, uuids[gone]))
        shop.control("products", {"uuid": NAMELESS, "changes": {"family": None}})
        changes = {"enabled": not named_truth(shop)[uuids[told]]["enabled"]}
        shop.control(f"products/{uuids[told]}", {"changes": changes})
        await shop.drain()

        # Events that name a product by its uuid alone: asked anew, read, and mirrored.
        assert [event.state for event in shop.events()[:3]] == ["applied", "applied", "gone"]
        assert {NAMELESS, uuids[told]} <= shop.exported().keys()
        assert shop.exported(tombstones=True)[uuids[gone]]["deleted"]
        assert [alarm.name for alarm in shop.status().alarms] == [KEYS_ALARM]

        await stop_in_the_middle(shop)
        shop.control("edits", {"operations": 30})
        await shop.drain()
        report = await shop.reconcile(full=False)

        assert_true(shop)
        assert not shop.status().alarms
        orphans = {each.key for each in report.listed if each.drift is Drift.ORPHAN}
        assert {deleted.casefold(), gone.casefold()} & orphans == {deleted.casefold()}
        assert report.by_kind().total() < PRODUCTS / 2  # called otherwise is no drift
        assert any("moved from their identifiers" in note for note in report.notes)
        for name, before in stories.items():
            assert set(before) <= set(story(shop, name)), name
        assert not (await shop.reconcile()).has_drift


async def test_the_first_session_of_a_process_and_each_full_sweep_ask_anew(tmp_path: Path) -> None:
    """A deployment's process is started anew on the day of an upgrade, or sweeps everything."""
    with an_old_shop(tmp_path, products=3) as shop:
        await shop.reconcile()
        become_version_7(shop)
        await shop.reconcile(full=False)
        assert facts(shop)["identity"] == Identity.IDENTIFIER  # this process has asked
        assert not (await shop.reconcile(dry_run=True)).notes  # what changes nothing asks nothing
        await asyncio.to_thread(reconcile_in_a_process, shop)
        assert facts(shop)["identity"] == Identity.UUID
        assert facts(shop)["version"].startswith("7.")
        assert_true(shop)

        become_version_7(shop, identifier_only=True)  # or another PIM behind the address
        with pytest.raises(SourceError):
            await shop.reconcile()
        assert facts(shop)["identity"] == Identity.UUID
        assert IDENTITY_ALARM in {alarm.name for alarm in shop.status().alarms}
        assert shop.status().products.live == len(named_truth(shop)) == 3

        become_version_7(shop)
        report = await shop.reconcile()
        assert not report.has_drift
        assert not shop.status().alarms
