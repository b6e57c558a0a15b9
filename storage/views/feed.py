"""The feed as its readers get it: changes with what a product is called, and its document now."""

from collections.abc import Sequence
from dataclasses import dataclass

from pim.canonical import dump_json
from pim.ids import ProductKey
from storage.database import Transaction
from storage.products import (
    Change,
    read_bounds,
    read_changes,
    read_live_documents,
    read_products,
)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One change. `document`: JSON text of the product as it is now, None where nothing is live."""

    change: Change
    identifier: str | None
    document: str | None

    def line(self, *, documents: bool) -> str:
        """Render as one JSON object without a line end; numbers of documents as stored."""
        change = self.change
        head = dump_json(
            {
                "seq": change.seq,
                "key": change.key,
                "identifier": self.identifier,
                "change": change.op,
                "cause": change.cause,
                "run_id": change.run_id,
                "at": change.at.isoformat(),
                "changed": [each.to_json() for each in change.changed],
            }
        )
        return f'{head[:-1]},"document":{self.document or "null"}}}' if documents else head


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some entries in order; `next` is where to go on, `end` the feed's last number."""

    entries: Sequence[FeedEntry]
    next: int
    end: int


def read_feed(
    tx: Transaction, *, after: int, limit: int = 100, documents: bool = False
) -> FeedPage:
    """Read what changed after a position; the documents of the same snapshot, if wanted.

    A product that changed again since shows its latest document with each of its changes.

    Raises:
        FeedLost: not all changes after that position are there.
    """
    changes = read_changes(tx, after=after, limit=limit)
    keys = {change.key for change in changes}
    called = read_products(tx, keys)
    shown: dict[ProductKey, str] = read_live_documents(tx, keys) if documents else {}
    entries = [
        FeedEntry(
            change,
            called[change.key].identifier if change.key in called else None,
            shown.get(change.key),
        )
        for change in changes
    ]
    _, end = read_bounds(tx)
    return FeedPage(entries, changes[-1].seq if changes else after, end)
