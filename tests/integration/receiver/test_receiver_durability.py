import asyncio
import random
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from typing import Any

import anyio
import pytest

from storage.database.schema import open_store
from storage.database.store import Store
from tests.integration.receiver.receiver_scene import (
    PATH,
    a_batch,
    event,
    locked,
    refusals,
    running,
    signed,
)

pytestmark = pytest.mark.anyio


def scope_of(body: bytes) -> dict[str, Any]:
    headers = signed(body).items()
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }


async def test_the_answer_comes_after_the_commit(store: Store) -> None:
    body = a_batch(event(), event())
    seen: list[tuple[str, int]] = []
    async with running(store) as receiver:

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            seen.append((message["type"], receiver.due()))

        await receiver.app(scope_of(body), receive, send)
    assert seen == [("http.response.start", 2), ("http.response.body", 2)]


async def test_a_client_that_hangs_up_does_not_undo_its_delivery(store: Store) -> None:
    async with running(store) as receiver:
        with locked(store):
            delivery = asyncio.create_task(receiver.deliver(a_batch(event())))
            await anyio.wait_all_tasks_blocked()  # it waits for its commit
            delivery.cancel()
            with pytest.raises(asyncio.CancelledError):
                await delivery
        await receiver.deliver(a_batch(event()))
        assert receiver.due() == 2


async def test_a_client_that_hangs_up_while_it_sends_stores_nothing(store: Store) -> None:
    body = a_batch(event())
    messages: Iterator[dict[str, Any]] = iter(
        [
            {"type": "http.request", "body": body[:10], "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent: list[int] = []
    async with running(store) as receiver:

        async def receive() -> dict[str, Any]:
            return next(messages)

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message.get("status", 0))

        await receiver.app(scope_of(body), receive, send)
        assert receiver.bodies() == []
    assert sent[0] == 408


async def test_a_body_that_never_comes_is_not_waited_for(store: Store) -> None:
    body = a_batch(event())
    sent: list[int] = []
    async with running(store, body_seconds=0.01) as receiver:

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message.get("status", 0))

        await receiver.app(scope_of(body), receive, send)
    assert sent[0] == 408


async def test_a_delivery_waits_for_its_turn_to_write(store: Store) -> None:
    async with running(store) as receiver:
        with locked(store):
            delivery = asyncio.create_task(receiver.deliver(a_batch(event())))
            await anyio.wait_all_tasks_blocked()
        assert (await delivery).json()["accepted"] == 1


async def test_a_store_that_is_not_written_in_time_is_said_and_counted(store: Store) -> None:
    async with running(store, answer_seconds=0.05) as receiver:
        with locked(store):
            batch = await receiver.deliver(a_batch(event()))
            rejected = await receiver.deliver(b"{")
            forged = await receiver.deliver(b"{}", signed(b"x"))
        assert (batch.status_code, rejected.status_code, forged.status_code) == (503, 503, 401)
        assert list(batch.json()) == ["detail"]
    counted = {reason: each.count for reason, each in refusals(store).items()}
    assert counted == {"store_not_writable": 2, "signature_unknown": 1}


async def test_a_delivery_that_was_not_answered_in_time_is_stored_all_the_same(
    store: Store,
) -> None:
    body = a_batch(event())
    async with running(store, answer_seconds=0.05) as receiver:
        with locked(store):
            assert (await receiver.deliver(body)).status_code == 503
            assert receiver.trigger.woken == 0
        answer = await receiver.deliver(body)
        while answer.status_code == 503:  # the writer may still sleep before it tries again
            answer = await receiver.deliver(body)
        assert answer.json() == {"accepted": 0, "duplicates": 1, "invalid": 0}
        assert receiver.trigger.woken >= 1
        assert receiver.due() == 1


async def test_a_store_locked_past_its_patience_loses_nothing_that_was_refused(
    store: Store,
) -> None:
    async with running(store, answer_seconds=0.3) as receiver:
        with locked(store):
            answers = await asyncio.gather(*(receiver.deliver(a_batch(event())) for _ in range(3)))
            assert [answer.status_code for answer in answers] == [503] * 3
        # Tried on and on, though the PIM has hung up. (A thread writes: it can only be asked.)
        while not receiver.trigger.woken:  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.05)
        while receiver.due() < 3:  # noqa: ASYNC110 - same
            await asyncio.sleep(0.05)
        while (await receiver.deliver(a_batch(event()))).status_code != 200:  # noqa: ASYNC110 - same
            await asyncio.sleep(0.05)


async def test_a_late_write_holds_its_share_of_the_memory(store: Store) -> None:
    body = a_batch(event())
    async with running(store, answer_seconds=0.05, max_reserved_bytes=len(body)) as receiver:
        with locked(store):
            assert (await receiver.deliver(body)).status_code == 503
            assert (await receiver.deliver(body)).json()["detail"] == "too many deliveries at once"
        answer = await receiver.deliver(body)
        while answer.status_code == 503:  # until the late write has ended
            await asyncio.sleep(0.01)
            answer = await receiver.deliver(body)
        assert receiver.due() == 1


async def test_what_is_under_way_at_the_end_is_finished(store: Store) -> None:
    async with running(store) as receiver:
        deliveries = [asyncio.create_task(receiver.deliver(a_batch(event()))) for _ in range(50)]
        await anyio.wait_all_tasks_blocked()
    answers = await asyncio.gather(*deliveries)
    assert [answer.status_code for answer in answers] == [200] * 50
    assert receiver.due() == 50
    assert receiver.trigger.ended


async def test_parallel_deliveries_store_each_event_once(store: Store) -> None:
    rng = random.Random(1)
    ids = [f"event-{number}" for number in range(120)]
    chosen = [rng.choices(ids, k=5) for _ in range(200)]
    async with running(store) as receiver:
        answers = await asyncio.gather(
            *(receiver.deliver(a_batch(*map(event, batch))) for batch in chosen)
        )
        counts = [answer.json() for answer in answers]
        distinct = len({event_id for batch in chosen for event_id in batch})
        assert sum(count["accepted"] for count in counts) == distinct
        assert all(sum(count.values()) == 5 for count in counts)
        assert receiver.due() == distinct
        assert len(receiver.bodies()) == 200


async def test_two_receivers_on_one_database_store_each_event_once(
    store: Store, store_url: str
) -> None:
    rng = random.Random(2)
    ids = [f"event-{number}" for number in range(60)]
    chosen = [rng.sample(ids, k=6) for _ in range(80)]
    with closing(open_store(store_url)) as other:
        async with (
            running(store) as first,
            running(other) as second,
        ):
            answers = await asyncio.gather(
                *(
                    (first, second)[number % 2].deliver(a_batch(*map(event, batch)))
                    for number, batch in enumerate(chosen)
                )
            )
            assert {answer.status_code for answer in answers} == {200}
            assert sum(answer.json()["accepted"] for answer in answers) == len(ids)
            assert first.due() == second.due() == len(ids)
