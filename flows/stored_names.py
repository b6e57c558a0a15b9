"""What the source calls stored products: its URLs take identifiers as it writes them."""

from collections.abc import Collection

from flows.session import Session
from flows.threads import in_thread
from pim.ids import ProductKey
from storage.products import read_identifiers


async def stored_identifiers(
    session: Session, keys: Collection[ProductKey]
) -> dict[ProductKey, str]:
    """The identifiers of the given products, of those that have one."""

    def read() -> dict[ProductKey, str]:
        with session.store.read() as tx:
            return read_identifiers(tx, keys)

    return await in_thread(read)
