import asyncio

import pytest

from flows.run.call_budget import SharedGate

pytestmark = pytest.mark.anyio


class Callers:
    """Calls that stay inside the gate until they are told to leave."""

    def __init__(self, gate: SharedGate) -> None:
        self.gate = gate
        self.inside = 0
        self.leave = asyncio.Event()

    async def call(self) -> None:
        async with self.gate.call():
            self.inside += 1
            await self.leave.wait()
            self.inside -= 1


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_calls_run_than_slots_are_leased() -> None:
    gate = SharedGate()
    gate.resize(2)
    callers = Callers(gate)
    tasks = [asyncio.create_task(callers.call()) for _ in range(5)]
    await settle()
    assert callers.inside == 2
    gate.resize(3)
    await settle()
    assert callers.inside == 3
    callers.leave.set()
    await asyncio.gather(*tasks)
    assert gate.calls == 5


async def test_a_lost_slot_is_not_used_again() -> None:
    gate = SharedGate()
    gate.resize(2)
    first = Callers(gate)
    tasks = [asyncio.create_task(first.call()) for _ in range(2)]
    await settle()
    gate.resize(1)
    first.leave.set()
    await asyncio.gather(*tasks)
    second = Callers(gate)
    tasks = [asyncio.create_task(second.call()) for _ in range(2)]
    await settle()
    assert second.inside == 1
    second.leave.set()
    await asyncio.gather(*tasks)
