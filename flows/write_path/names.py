"""Names of products: from what people and events call them to keys, and from keys back."""

from collections.abc import Collection, Sequence
from uuid import UUID

from flows.run import Session
from pim.ids import ProductKey
from pim.product import product_key
from storage import Transaction
from storage.inbox import DueEvent
from storage.products import find_keys, read_identifiers, read_products


async def stored_identifiers(
    session: Session, keys: Collection[ProductKey]
) -> dict[ProductKey, str]:
    """The identifiers of the given products, of those that have one."""
    return await session.read(read_identifiers, keys)


async def find_products(session: Session, name: str) -> list[ProductKey]:
    """The keys that a name can mean: those stored under it, and whoever has it in the source now.

    Both, since a name changes hands: the store may know only who had it before.

    Raises:
        SourceError: the source was asked who has that identifier, and failed.
    """
    facts = session.facts
    key = product_key(parse_uuid(name), name, facts.identity)
    if key is not None:
        return [key]
    stored = await session.read(find_keys, {name})
    found = [key for keys in stored.values() for key in keys]
    reads = await session.client.find_products([name])
    if reads.failed:
        raise reads.failed[0].error
    return list(dict.fromkeys([*found, *(read.key for read in reads.found)]))


def parse_uuid(name: str) -> str | None:
    """A name in the form of a uuid, as the source writes it; None if it is none."""
    try:
        return str(UUID(name))
    except ValueError:
        return None


def find_known_identifiers(tx: Transaction, events: Sequence[DueEvent]) -> dict[str, ProductKey]:
    """Identifiers that name exactly one live product; the source is asked about the others."""
    bare = {event.identifier for event in events if event.identifier and not event.uuid}
    found = find_keys(tx, bare)
    stored = read_products(tx, {key for keys in found.values() for key in keys})
    live = {
        identifier: [key for key in keys if not stored[key].deleted and stored[key].uuid == key]
        for identifier, keys in found.items()
    }
    return {identifier: keys[0] for identifier, keys in live.items() if len(keys) == 1}
