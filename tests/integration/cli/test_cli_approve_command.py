"""`approve` on held deletions, with a simulated PIM to read the products again from."""

import json
from datetime import UTC, datetime

from pim.ids import ProductKey
from storage.products import Cause
from storage.products.holds import DeletionToHold, hold_deletions, list_holds
from tests.integration.cli.shop_store import Call, Pim, Shop


def hold(shop: Shop, *uuids: str) -> None:
    holds = [DeletionToHold(ProductKey(uuid)) for uuid in uuids]
    with shop.store.transaction() as tx:
        hold_deletions(tx, holds, cause=Cause("sweep"), now=datetime.now(UTC))


def held(shop: Shop) -> list[str]:
    with shop.store.read() as tx:
        return [hold.key for hold in list_holds(tx)]


def stored(call: Call) -> dict[str, str]:
    """Identifiers of the live products by uuid."""
    lines = [json.loads(line) for line in call("export").stdout.splitlines()]
    return {line["uuid"]: line["identifier"] for line in lines}


def test_where_nothing_is_held_that_is_said(shop: Shop, call: Call) -> None:
    assert held(shop) == []
    result = call("approve")
    assert (result.exit_code, result.stdout) == (0, "no deletion is held\n")


def test_without_a_person_to_ask_they_are_listed_and_left_alone(shop: Shop, call: Call) -> None:
    uuid = shop.write("SKU-1")
    hold(shop, uuid)

    result = call("approve")

    assert result.exit_code == 0
    assert "SKU-1" in result.stdout
    assert uuid in result.stdout
    assert "--all" in result.stderr
    assert held(shop) == [uuid]


def test_a_product_still_absent_is_deleted_and_one_found_again_is_not(
    shop: Shop, pim: Pim, call: Call
) -> None:
    call("reconcile", "--full")
    gone, there = list(stored(call))[:2]
    pim.remove(gone)
    hold(shop, gone, there)

    result = call("approve", "--all")

    assert result.exit_code == 0
    assert "1 product deleted" in result.stdout
    assert "1 product found in the PIM again" in result.stdout
    assert gone not in stored(call)
    assert there in stored(call)
    assert held(shop) == []


def test_only_the_named_product_is_decided(shop: Shop, pim: Pim, call: Call) -> None:
    call("reconcile", "--full")
    (first, name), (second, _) = list(stored(call).items())[:2]
    for uuid in (first, second):
        pim.remove(uuid)
    hold(shop, first, second)

    assert call("approve", name.lower()).exit_code == 0
    assert held(shop) == [second]
    assert call("approve", second.upper()).exit_code == 0
    assert held(shop) == []


def test_a_rejected_deletion_keeps_the_product_without_asking_the_pim(
    shop: Shop, call: Call
) -> None:
    uuid = shop.write("SKU-1")
    hold(shop, uuid)

    result = call("approve", "--all", "--reject")

    assert (result.exit_code, result.stdout) == (0, "1 product kept; nothing was deleted\n")
    assert held(shop) == []
    assert uuid in stored(call)


def test_a_name_that_is_not_held_is_refused_before_anything_is_done(shop: Shop, call: Call) -> None:
    uuid = shop.write("SKU-1")
    hold(shop, uuid)

    result = call("approve", "SKU-1", "SKU-2")

    assert result.exit_code == 1
    assert "no deletion is held for 'SKU-2'" in result.stderr
    assert held(shop) == [uuid]


def test_keys_and_all_contradict(call: Call) -> None:
    assert call("approve", "SKU-1", "--all").exit_code == 2


def test_a_pim_that_is_away_leaves_them_held(shop: Shop, pim: Pim, call: Call) -> None:
    call("reconcile", "--full")
    uuid = next(iter(stored(call)))
    hold(shop, uuid)
    pim.fail(100)

    result = call("approve", "--all")

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert held(shop) == [uuid]
