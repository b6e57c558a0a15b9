"""Records and assets: what an Enterprise PIM keeps of them, in the order of their codes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pim.json_types import JsonObject, as_list, as_object
from simulator.shop import Thing, ThingKind, ThingValues

_Family = dict[str, Thing]


class ThingStore:
    """Records by entity and assets by family; codes are found in whatever case.

    `listener` is called when one comes or goes: what products show of it changes then. A change of
    its values moves no product.
    """

    def __init__(self, things: Iterable[Thing], listener: Callable[[], None]) -> None:
        self._families: dict[tuple[ThingKind, str], _Family] = {}
        self._listener = listener
        for thing in things:
            self._family(thing.kind, thing.family)[thing.code.casefold()] = thing

    def all(self, kind: ThingKind) -> Iterator[Thing]:
        """Every thing of a kind, family by family."""
        for owner, family in list(self._families):
            if owner is kind:
                yield from self.items(kind, family)

    def items(self, kind: ThingKind, family: str) -> list[Thing]:
        """The things of one family in the order of their codes."""
        found = self._families.get((kind, family), {})
        return sorted(found.values(), key=lambda thing: thing.code)

    def get(self, kind: ThingKind, family: str, code: str) -> Thing | None:
        """One thing, or None if the family has none of that code."""
        return self._families.get((kind, family), {}).get(code.casefold())

    def change(
        self, kind: ThingKind, family: str, code: str, changes: JsonObject, *, now: int
    ) -> Thing:
        """Merge changes into a thing, or make it: `values` as the PIM merges, `labels` by locale.

        A change that changes nothing is no save: `updated` stays.
        """
        known = self.get(kind, family, code)
        present = known or Thing(kind, family, code, {}, now, now)
        values = merged_values(present.values, _value_changes(changes))
        if known is not None and values == known.values:
            return known
        saved = replace(present, values=values, updated=now)
        self._family(kind, family)[code.casefold()] = saved
        if known is None:
            self._listener()
        return saved

    def remove(self, kind: ThingKind, family: str, code: str) -> Thing | None:
        """Take a thing away; values that name it are no longer shown."""
        gone = self._families.get((kind, family), {}).pop(code.casefold(), None)
        if gone is not None:
            self._listener()
        return gone

    def remove_family(self, kind: ThingKind, family: str) -> None:
        """Take away every thing of a family that is gone."""
        self._families.pop((kind, family), None)
        self._listener()

    def _family(self, kind: ThingKind, family: str) -> _Family:
        return self._families.setdefault((kind, family), {})


def merged_values(values: ThingValues, changes: JsonObject) -> ThingValues:
    """Values after changes: one replaces that of its locale and channel, null or [] clears it."""
    merged = dict(values)
    for code, entries in changes.items():
        kept = merged.pop(code, []) if entries else merged.pop(code, [])[:0]
        for entry in as_list(entries):
            kept = _placed(kept, as_object(entry))
        if kept:
            merged[code] = kept
    return merged


def _placed(kept: list[JsonObject], entry: JsonObject) -> list[JsonObject]:
    value: JsonObject = {name: entry.get(name) for name in ("locale", "channel", "data")}
    place = (value["locale"], value["channel"])
    is_empty = value["data"] in (None, "", [])
    for position, other in enumerate(kept):
        if (other["locale"], other["channel"]) == place:
            return [*kept[:position], *([] if is_empty else [value]), *kept[position + 1 :]]
    return kept if is_empty else [*kept, value]


def _value_changes(changes: JsonObject) -> JsonObject:
    """Labels are values of the attribute `label`, and may be written the short way."""
    values = dict(as_object(changes.get("values")))
    labels = as_object(changes.get("labels"))
    if labels:
        entries = [*as_list(values.get("label"))]
        entries += [
            {"locale": locale, "channel": None, "data": text} for locale, text in labels.items()
        ]
        values["label"] = entries
    return values
