"""The PIM's structure, which a test may change: labels, options, families, everything but products.

`version` rises with each change, so that what was rendered before is not shown any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pim.json_types import JsonObject, as_object, texts
from simulator.shop import StructureItem

Key = tuple[str, str | None, str]


class Structure:
    """Structure items in the order of their lists; codes are found in whatever case."""

    def __init__(self, items: Iterable[StructureItem]) -> None:
        self._items: dict[str, dict[Key, StructureItem]] = {}
        self.version = 0
        for item in items:
            self._items.setdefault(item.kind, {})[_key(item.kind, item.parent, item.code)] = item

    def __iter__(self) -> Iterator[StructureItem]:
        """Every item of every kind, each kind in the order of its list."""
        for items in self._items.values():
            yield from items.values()

    def items(self, kind: str, parent: str | None = None) -> list[StructureItem]:
        """Every item of a kind; options are those of one attribute."""
        folded = None if parent is None else parent.casefold()
        return [item for key, item in self._items.get(kind, {}).items() if key[1] == folded]

    def every(self, kind: str) -> list[StructureItem]:
        """Every item of a kind, whatever it belongs to."""
        return [*self._items.get(kind, {}).values()]

    def get(self, kind: str, code: str, parent: str | None = None) -> StructureItem | None:
        """One item, or None if the PIM has none of that code."""
        return self._items.get(kind, {}).get(_key(kind, parent, code))

    def option(self, attribute: str, code: str) -> JsonObject | None:
        """The body of an option of a select attribute."""
        item = self.get("options", code, attribute)
        return None if item is None else item.body

    def change(
        self, kind: str, code: str, changes: JsonObject, *, parent: str | None, now: int
    ) -> StructureItem:
        """Merge `changes` into an item's body, or make the item; `labels` merge by locale."""
        known = self.get(kind, code, parent)
        body: JsonObject = {"code": code} if known is None else dict(known.body)
        if kind == "options":
            body["attribute"] = parent
        for name, value in changes.items():
            if name == "labels":
                labels = {**as_object(body.get("labels")), **as_object(value)}
                body["labels"] = {key: text for key, text in labels.items() if text}
            else:
                body[name] = value
        made = StructureItem(kind, parent, code, body, now)
        item = made if known is None else replace(known, body=body, updated=now)
        self.put(item)
        return item

    def put(self, item: StructureItem) -> None:
        """Set an item in the place of its former state, or at the end of its list."""
        key = _key(item.kind, item.parent, item.code)
        self._items.setdefault(item.kind, {})[key] = item
        self.version += 1

    def remove(self, kind: str, code: str, parent: str | None = None) -> bool:
        """Take an item away; values that name it are no longer shown."""
        gone = self._items.get(kind, {}).pop(_key(kind, parent, code), None)
        self.version += gone is not None
        return gone is not None

    def is_two_way(self, association: str) -> bool:
        """Whether an association of this type shows on both of its sides."""
        item = self.get("association-types", association)
        return item is not None and item.body.get("is_two_way") is True

    def touch(self) -> None:
        """Let everything be rendered anew: something that values name has come or gone."""
        self.version += 1

    def active(self, kind: str) -> frozenset[str]:
        """The codes of the enabled locales or currencies."""
        return frozenset(item.code for item in self.items(kind) if item.body.get("enabled") is True)

    def category_parents(self) -> dict[str, str | None]:
        """Each category's parent, roots mapped to None."""
        found: dict[str, str | None] = {}
        for item in self.items("categories"):
            parent = item.body.get("parent")
            found[item.code] = parent if isinstance(parent, str) else None
        return found

    def channel_locales(self, channel: str) -> tuple[str, ...]:
        """The locales of a channel, or none if there is no such channel."""
        item = self.get("channels", channel)
        return () if item is None else tuple(texts(item.body.get("locales")))


def _key(kind: str, parent: str | None, code: str) -> Key:
    return (kind, None if parent is None else parent.casefold(), code.casefold())
