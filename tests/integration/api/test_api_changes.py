"""`GET /changes`: the feed over HTTP."""

import asyncio

import pytest

from pim.json_types import as_list, as_object
from storage import Store
from storage.retention import remove_changes
from tests.integration.api.api_scene import LAMPS, Caller, opened_api, shown, token_of
from tests.store_builders import absent, at, uuid_of, write

pytestmark = pytest.mark.anyio


async def start(caller: Caller) -> int:
    return int(str((await caller.read("/changes"))["end"]))


async def test_pages_lead_through_all_changes_in_order(caller: Caller, store: Store) -> None:
    write(store, shown(1, 1, LAMPS), shown(2, 1, LAMPS))
    write(store, absent(2, 3, 4))
    seen: list[tuple[object, object]] = []
    after: object = 0
    while True:
        page = await caller.read(f"/changes?after={after}&limit=2&documents=true")
        if not as_list(page["changes"]):
            break
        for line in map(as_object, as_list(page["changes"])):
            document = as_object(line["document"]).get("key")
            seen.append((line["change"], document))
        after = page["next"]
    assert seen == [("created", uuid_of(1)), ("created", None), ("deleted", None)]
    assert page["next"] == page["end"] == after


async def test_without_documents_none_is_sent(caller: Caller, store: Store) -> None:
    write(store, shown(1, 1, LAMPS))
    (line,) = as_list((await caller.read("/changes?after=0"))["changes"])
    assert list(as_object(line)) == [
        *("seq", "key", "identifier", "change", "cause", "run_id", "at", "changed")
    ]


async def test_who_waits_is_answered_as_soon_as_something_changes(store: Store) -> None:
    is_waited = asyncio.Event()

    def note() -> bool:
        """Asked whenever somebody goes on waiting."""
        is_waited.set()
        return False

    async with opened_api(store, is_ending=note) as client:
        caller = Caller(client, token_of(store, "shop"))
        after = await start(caller)
        waiting = asyncio.create_task(caller.read(f"/changes?after={after}&wait=30"))
        await is_waited.wait()
        await asyncio.to_thread(write, store, shown(1, 1, LAMPS))
        (line,) = as_list((await waiting)["changes"])
    assert as_object(line)["key"] == uuid_of(1)


async def test_who_waits_is_answered_when_the_server_ends(store: Store) -> None:
    async with opened_api(store, is_ending=lambda: True) as client:
        caller = Caller(client, token_of(store, "shop"))
        after = await start(caller)
        assert (await caller.read(f"/changes?after={after}&wait=30"))["changes"] == []


async def test_who_waits_for_nothing_gets_an_empty_page_and_the_same_position(
    caller: Caller, store: Store
) -> None:
    write(store, shown(1, 1, LAMPS))
    after = await start(caller)
    page = await caller.read(f"/changes?after={after}&wait=1")
    assert (page["changes"], page["next"]) == ([], after)


async def test_a_position_older_than_what_is_kept_is_410(caller: Caller, store: Store) -> None:
    before = await start(caller)
    write(store, shown(1, 1, LAMPS))
    store.run(lambda tx: remove_changes(tx, older_than=at(1)))
    for query in ("", "&wait=30", "&documents=true"):
        answer = await caller.get(f"/changes?after={before}{query}")
        assert answer.status_code == 410
        assert "GET /changes without `after`" in answer.json()["detail"]
    assert (await caller.get("/changes?after=999999999")).status_code == 410


@pytest.mark.parametrize(
    "query", ["after=-1", "after=9223372036854775808", "limit=0", "limit=1001", "wait=31", "wait=x"]
)
async def test_a_wrong_parameter_is_422(caller: Caller, query: str) -> None:
    assert (await caller.get(f"/changes?{query}")).status_code == 422


async def test_without_a_position_it_says_where_now_is(caller: Caller, store: Store) -> None:
    write(store, shown(1, 1, LAMPS))
    store.run(lambda tx: remove_changes(tx, older_than=at(1)))
    now = await caller.read("/changes?wait=30&documents=true")
    assert (now["changes"], now["next"]) == ([], now["end"])
    write(store, shown(2, 1, LAMPS))
    (line,) = as_list((await caller.read(f"/changes?after={now['next']}"))["changes"])
    assert as_object(line)["key"] == uuid_of(2)
