"""A copy of the store that follows its feed, as a shop holds one."""

from pim.canonical import load_json
from pim.json_types import JsonObject, as_object
from storage import FeedLost, Store
from storage.products import export_products, read_bounds
from storage.views import read_feed


class Copy:
    """What a shop holds: documents by key, and the position that they are of."""

    def __init__(self) -> None:
        self.position = 0
        self.documents: dict[str, JsonObject] = {}
        self.reloads = 0

    def follow(self, store: Store, limit: int) -> int:
        """Apply some changes; after a gap, begin anew."""
        try:
            with store.read() as tx:
                page = read_feed(tx, after=self.position, limit=limit, documents=True)
        except FeedLost:
            self.reload(store)
            return 1
        for entry in page.entries:
            if entry.document is None:
                self.documents.pop(entry.change.key, None)
            else:
                self.documents[entry.change.key] = shown(entry.document)
        self.position = page.next
        return len(page.entries)

    def reload(self, store: Store) -> None:
        self.position, self.documents = look(store)
        self.reloads += 1


def look(store: Store) -> tuple[int, dict[str, JsonObject]]:
    with store.read() as tx:
        _, end = read_bounds(tx)
        return end, {each.key: shown(each.document or "") for each in export_products(tx)}


def shown(document: str) -> JsonObject:
    """What the feed promises: a save that moves nothing but the date is no change."""
    body = as_object(load_json(document))
    return {name: each for name, each in body.items() if name != "updated"}
