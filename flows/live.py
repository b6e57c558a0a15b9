"""Reads of single products from the PIM now, within the call budget; none is written."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from flows.run import Asking, in_thread, open_session, open_settings_store
from flows.write_path import find_products
from pim.ids import ProductKey, RunId
from pim.reads import FailedRead, ProductRead
from settings import Settings
from storage.products import Cause
from storage.state import CallerKind


async def read_live(
    settings: Settings, name: str, known: Mapping[ProductKey, str | None]
) -> list[ProductRead | FailedRead]:
    """Read each `known` product (with its identifier), and whoever has that name in the PIM now.

    By their own URLs, which read the PIM's database and not its search index.

    Raises:
        NoSource: no PIM is configured.
        SourceError: the PIM does not answer, or refuses the credentials.
        StoreError: the store is missing, behind, or does not answer.
    """
    store = await in_thread(open_settings_store, settings)
    cause = Cause("why", RunId(f"why-{uuid4()}"))
    try:
        async with open_session(
            settings, store, kind=CallerKind.SWEEP, cause=cause, asking=Asking.NEVER
        ) as session:
            keys: Sequence[ProductKey] = [*known, *await find_products(session, name)]
            # One that the source fails on alone is told as that, and not as a PIM that is away.
            return [
                answer
                for key in dict.fromkeys(keys)
                for answer in await session.client.read_alone(
                    [key], identifiers={key: known.get(key) or name}
                )
            ]
    finally:
        store.close()
