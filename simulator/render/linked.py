"""Values that name records and assets, as far as there are such."""

from collections.abc import Iterable

from pim.json_types import JsonObject, as_text, texts
from simulator.shop.enterprise import ASSETS, MANY_RECORDS, ONE_RECORD
from simulator.shop.things import ThingKind
from simulator.store.structure import Structure
from simulator.store.things import ThingStore

LINKS = {
    ONE_RECORD: ThingKind.RECORD,
    MANY_RECORDS: ThingKind.RECORD,
    ASSETS: ThingKind.ASSET,
}
"""What values of these types name."""


class LinkedThings:
    """Leaves out what is gone when somebody reads; the database keeps the code.

    A record or asset that is made again under its code is shown again where it was named.
    """

    def __init__(self, structure: Structure, things: ThingStore) -> None:
        self._structure = structure
        self._things = things

    def shown(self, attribute: str, kind: str, entries: list[JsonObject]) -> list[JsonObject]:
        """The entries of one attribute, without what they name in vain."""
        item = self._structure.get("attributes", attribute)
        family = None if item is None else as_text(item.body.get("reference_data_name"))
        if family is None:
            return []
        found: list[JsonObject] = []
        for entry in entries:
            found += self._entry(LINKS[kind], family, entry)
        return found

    def _entry(self, kind: ThingKind, family: str, entry: JsonObject) -> Iterable[JsonObject]:
        data = entry["data"]
        if isinstance(data, str):
            thing = self._things.get(kind, family, data)
            return [] if thing is None else [{**entry, "data": thing.code}]
        known = [self._things.get(kind, family, code) for code in texts(data)]
        codes = [thing.code for thing in known if thing is not None]
        return [{**entry, "data": [*codes]}] if codes else []
