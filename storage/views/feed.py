"""The feed as its readers get it: changes with what a product is called, and its document now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pim.canonical import dump_json
from pim.document import EVERYTHING, Narrowing
from storage.database import Transaction
from storage.products import (
    Change,
    read_bounds,
    read_changes,
    read_live_documents,
    read_products,
)

OUTSIDE = "outside"
"""The change of a product that is in none of what the reader wants: gone, to that reader."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One change. `document`: JSON text of the product as it is now.

    None where nothing is live, and where the product is outside of the reader's filter.
    """

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
    tx: Transaction,
    *,
    after: int,
    limit: int = 100,
    documents: bool = False,
    narrowing: Narrowing = EVERYTHING,
) -> FeedPage:
    """Read what changed after a position; the documents of the same snapshot, if wanted.

    A product that changed again since shows its latest document with each of its changes. One that
    is outside of the narrowing now is told with each of its changes as `OUTSIDE`, whether or not it
    ever was inside: so whoever applies them holds what an export of that narrowing shows.

    Raises:
        FeedLost: not all changes after that position are there.
    """
    changes = read_changes(tx, after=after, limit=limit)
    keys = {change.key for change in changes}
    called = read_products(tx, keys)
    is_looked_at = documents or narrowing.has_outside
    live = read_live_documents(tx, keys) if is_looked_at else {}
    shown = {key: narrowing.narrow_text(document) for key, document in live.items()}
    entries = [
        FeedEntry(
            _tell(change, narrowing, is_outside=shown.get(change.key, "") is None),
            called[change.key].identifier if change.key in called else None,
            shown.get(change.key),
        )
        for change in changes
    ]
    _, end = read_bounds(tx)
    return FeedPage(entries, changes[-1].seq if changes else after, end)


def _tell(change: Change, narrowing: Narrowing, *, is_outside: bool) -> Change:
    """Give a change as its reader sees it: nothing is named that a document would not show."""
    if is_outside:
        return replace(change, op=OUTSIDE, changed=())
    if not narrowing.hides_values:
        return change
    shown = (
        each
        for each in change.changed
        if each.field or narrowing.is_shown(each.code, each.scope, each.locale)
    )
    return replace(change, changed=tuple(shown))
