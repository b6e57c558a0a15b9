"""Whether the source's `updated` filter can be trusted, asked with products that we know."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from flows.session import Session
from flows.threads import in_thread
from pim.ids import ProductKey
from pim.reads import ProductRead
from pim.search import updated_since, uuid_in
from pim.vocabulary import Identity
from storage.probes import list_probes

CANDIDATES = 100  # one call; many may have been edited since, and then say nothing
ASKED = 3
SETTLED = timedelta(seconds=60)  # what changed later may not have reached the search index


class Probed(Enum):
    """What the probe said."""

    WORKS = auto()
    BROKEN = auto()
    UNKNOWN = auto()


async def probe_filter(session: Session, source_now: datetime) -> Probed:
    """Ask the filter for products by the `updated` that they have now: it must return them.

    A wrong time zone or a damaged index shows here, instead of as a green sweep of nothing.
    Unknown: every candidate was edited just now, or products are keyed by identifier (PIM 5, 6).
    """
    if session.facts.identity is Identity.IDENTIFIER:
        return Probed.UNKNOWN
    settled = source_now - SETTLED
    candidates = await in_thread(_candidates, session, settled)
    answers = await session.client.read_products(candidates) if candidates else []
    known = [
        (read.key, read.product.updated)
        for read in answers
        if isinstance(read, ProductRead) and read.product and read.product.updated <= settled
    ]
    if not known:
        return Probed.UNKNOWN
    found = [await _is_returned(session, key, updated) for key, updated in known[:ASKED]]
    return Probed.WORKS if any(found) else Probed.BROKEN


def _candidates(session: Session, before: datetime) -> Sequence[ProductKey]:
    with session.store.read() as tx:
        return [key for key, _ in list_probes(tx, before=before, limit=CANDIDATES)]


async def _is_returned(session: Session, key: ProductKey, updated: datetime) -> bool:
    since = updated - timedelta(seconds=1)
    search = {**updated_since(since, session.settings.timezone), **uuid_in([key])}
    pages = session.client.product_pages(search=search)
    return any([read.key == key async for page in pages for read in page.reads])
