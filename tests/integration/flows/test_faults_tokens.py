"""Tokens that end before their time, and a connection that is locked out."""

import asyncio

import pytest

from flows.sweeps.run import ReconcileRequest, Step, run_reconcile
from pim.errors import SourceUnauthorized
from pim.ids import ProductKey
from tests.integration.flows.fault_scene import (
    asked,
    attempts,
    count_anew,
    drain_in_vain,
    some,
    toggle,
    tombstones,
)
from tests.shop import Shop

pytestmark = pytest.mark.anyio

LOGIN = "oauth/v1/token"


@pytest.mark.parametrize("ended", [{}, {"expired": True}], ids=["revoked", "expired"])
@pytest.mark.parametrize(
    ("refresh", "logins"), [(False, 1), (True, 2)], ids=["refreshable", "all over"]
)
async def test_a_token_that_ends_within_a_run_leads_to_one_new_login_for_all_who_ask(
    filled_shop: Shop, ended: dict[str, object], *, refresh: bool, logins: int
) -> None:
    shop = filled_shop
    keys = [ProductKey(uuid) for uuid in some(shop, 6)]
    async with shop.session() as session:
        await session.client.read_product(keys[0])
        shop.control("tokens/end", {**ended, "refresh": refresh})
        count_anew(shop)
        reads = await asyncio.gather(*map(session.client.read_product, keys))
    assert [read.key for read in reads if read.product] == keys
    # Where the refresh token is refused as well, the password is asked with: once, too.
    assert asked(shop, LOGIN) == logins


async def test_a_reconcile_whose_token_ends_again_and_again_is_completed(filled_shop: Shop) -> None:
    shop = filled_shop
    toggle(shop, some(shop, 2), silent=True)
    ended: list[str] = []

    async def end_token_before(name: str, step: Step) -> None:
        shop.control("tokens/end", {"refresh": len(ended) % 2 == 0})
        ended.append(name)
        await step()

    await run_reconcile(shop.settings, ReconcileRequest(), runner=end_token_before)
    assert len(ended) > 3
    assert shop.sources() == shop.truth()


async def test_a_connection_that_is_locked_out_is_said_to_be_and_nothing_is_lost(
    filled_shop: Shop,
) -> None:
    shop = filled_shop
    toggle(shop, some(shop, 2))
    shop.control("tokens/end", {"locked": True, "refresh": True})
    failed = await drain_in_vain(shop)
    assert isinstance(failed.error, SourceUnauthorized)
    assert str(failed.error).startswith("credentials refused: ")
    assert "No user found for the given username and password" in str(failed.error)
    assert "POST api/oauth/v1/token, status 422" in str(failed.error)
    assert "demo_password" not in str(failed.error)
    assert shop.status().breaker.reason == str(failed.error)
    assert attempts(shop) == [0, 0]
    with pytest.raises(SourceUnauthorized):
        await shop.reconcile()
    assert tombstones(shop) == 0

    shop.control("tokens/end", {"locked": False})
    await shop.drain()
    assert shop.sources() == shop.truth()
