import asyncio
from datetime import timedelta

import pytest

from flows.run.lease import LeaseLost, kept_lease
from storage.errors import StoreNotWritable

pytestmark = pytest.mark.anyio
QUICK = timedelta(milliseconds=8)


async def test_the_holder_is_stopped_as_soon_as_a_renewal_is_refused() -> None:
    async def refused() -> bool:
        return False

    with pytest.raises(LeaseLost, match="the door"):
        async with kept_lease(refused, QUICK, what="the door"):
            await asyncio.Event().wait()


async def test_a_renewal_that_fails_is_tried_again() -> None:
    answers: list[bool | StoreNotWritable] = [StoreNotWritable("locked"), True, False]

    async def renew() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, StoreNotWritable):
            raise answer
        return answer

    with pytest.raises(LeaseLost):
        async with kept_lease(renew, QUICK, what="the door"):
            await asyncio.Event().wait()
    assert answers == []


async def test_a_cancellation_from_outside_stays_a_cancellation() -> None:
    async def granted() -> bool:
        return True

    async def hold() -> None:
        async with kept_lease(granted, QUICK, what="the door"):
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_renewing_ends_with_the_body() -> None:
    renewals = 0

    async def count() -> bool:
        nonlocal renewals
        renewals += 1
        return True

    async with kept_lease(count, QUICK, what="the door"):
        while renewals < 2:  # noqa: ASYNC110 - waits for the renewals themselves
            await asyncio.sleep(0)
    ended_at = renewals
    await asyncio.sleep(QUICK.total_seconds() * 2)
    assert renewals == ended_at
