"""Kinds of requests that the source, or what stands before it, refuses; and their alarm.

Another way leads to the same truth, at a price; whoever runs the firewall should know.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flows.run.threads import in_thread, read_in
from pim.blame import NOBODY, RefusedKinds
from pim.canonical import dump_json, load_json
from pim.errors import SourceError
from pim.ids import ProductKey
from pim.json_types import JsonObject, as_object
from pim.reading import READ_BY_URL, SEARCH_BY_KEY, PimClient
from pim.search import descendants_of, updated_since
from storage import Store, StoreError, Transaction
from storage.state import clear_alarm, raise_alarm, read_fact, save_fact

log = logging.getLogger(__name__)

REFUSED_ALARM = "request-refused"

SEARCH_BY_DATE = "searches of what changed lately"
SEARCH_BY_PARENT = "searches of a model's variants"
"""Names of kinds of requests, beside those of `pim`."""

COSTS = {
    SEARCH_BY_KEY: "each product is read by its own URL, a hundred calls instead of one",
    READ_BY_URL: "what a search does not show waits, and no deletion can be confirmed",
    SEARCH_BY_DATE: "deltas cannot look, so everything is compared once an hour",
    SEARCH_BY_PARENT: "stored variants are read by key, new ones wait for the next delta",
}

_FACT = "refused kinds"
_LATER = timedelta(days=1)  # nothing has changed by then


@asynccontextmanager
async def noting_refusals(
    store: Store, kinds: RefusedKinds, *, now: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Raise or clear the alarm by what the body found refused, however it ended."""
    try:
        yield
    finally:
        if kinds.refused or kinds.answered:
            try:
                await in_thread(_note, store, kinds, now())
            except StoreError as error:
                log.warning("could not note what the source refuses: %s", error)


async def ask_again(client: PimClient, store: Store, *, now: datetime, timezone: ZoneInfo) -> None:
    """Ask once more for what was refused, and has nobody in it: what is answered ends the alarm.

    A full sweep makes few searches itself: on a quiet day the alarm would stand until the next
    edit.
    """
    refused = await read_in(store, _read)
    searches = {
        SEARCH_BY_PARENT: descendants_of(NOBODY),
        SEARCH_BY_DATE: updated_since(now + _LATER, timezone),
    }
    try:
        if {SEARCH_BY_KEY, READ_BY_URL} & refused.keys():
            await client.read_products([ProductKey(NOBODY)])
        for kind in searches.keys() & refused.keys():
            async for _page in client.product_pages(search=searches[kind]):
                break
            client.refused.note_answered(kind)
    except SourceError as error:
        log.info("what was refused is not answered yet: %s", error)


def _note(store: Store, kinds: RefusedKinds, now: datetime) -> None:
    with store.read() as tx:
        before = _read(tx)
    # Nearly always nothing is refused, and was not: that takes a read, and no turn to write.
    if kinds.refused or not kinds.answered.isdisjoint(before):
        store.run(lambda tx: _keep(tx, kinds, now))


def _keep(tx: Transaction, kinds: RefusedKinds, now: datetime) -> None:
    before = _read(tx)
    kept = {name: each for name, each in before.items() if name not in kinds.answered}
    for name, error in kinds.refused.items():
        since = as_object(before.get(name)).get("since") or now.isoformat()
        kept[name] = {"since": since, "error": str(error)}
    save_fact(tx, name=_FACT, value=dump_json(kept), now=now)
    if kept:
        raise_alarm(tx, name=REFUSED_ALARM, text=describe_refused(kept), now=now)
    else:
        clear_alarm(tx, name=REFUSED_ALARM)


def describe_refused(kinds: JsonObject) -> str:
    """What a person reads: which requests are refused, since when, how, and what it costs."""
    told = []
    for name, each in sorted(kinds.items()):
        known = as_object(each)
        since = datetime.fromisoformat(str(known.get("since")))
        cost = COSTS.get(name, "another way is taken")
        told.append(f"{name}, since {since:%Y-%m-%d %H:%M} UTC: {cost} ({known.get('error')})")
    return (
        f"the PIM, or a firewall before it, does not answer: {'; '.join(told)}; let these requests "
        "through, or have the PIM's search index looked at"
    )


def _read(tx: Transaction) -> JsonObject:
    fact = read_fact(tx, _FACT)
    return as_object(load_json(fact[0])) if fact is not None else {}
