"""The call budget: a drain that stays open starves nobody."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from flows.run.call_budget import SharedGate, shared_gate
from storage.state.call_budget import CallerKind
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_drain_sweep_and_a_persons_command_each_have_a_share_at_the_same_time(
    shop: Shop,
) -> None:
    async with (
        shared_gate(shop.store, holder="drain", kind=CallerKind.DRAIN) as drain,
        shared_gate(shop.store, holder="sweep", kind=CallerKind.SWEEP) as sweep,
        shared_gate(shop.store, holder="person", kind=CallerKind.SWEEP) as person,
        asyncio.timeout(20),
        drain.call(),
        sweep.call(),
        person.call(),
    ):
        assert (drain.calls, sweep.calls, person.calls) == (1, 1, 1)


async def test_a_share_is_free_for_the_next_as_soon_as_it_is_given_back(shop: Shop) -> None:
    async with AsyncExitStack() as holders:
        for holder in ("first", "second"):
            gate = shared_gate(shop.store, holder=holder, kind=CallerKind.SWEEP)
            await holders.enter_async_context(gate)
        async with shared_gate(shop.store, holder="third", kind=CallerKind.SWEEP) as third:
            entered = asyncio.Event()
            waiting = asyncio.create_task(enter(third, entered))
            await asyncio.sleep(0)
            assert not entered.is_set()  # two shares are out, the last is kept for drains
            await holders.aclose()
            await waiting
            assert third.calls == 1


async def enter(gate: SharedGate, entered: asyncio.Event) -> None:
    async with gate.call():
        entered.set()
