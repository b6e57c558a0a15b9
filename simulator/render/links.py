"""Associations as a reader sees them: of every plain type, and of the quantified ones in use."""

from collections.abc import Iterable

from pim.json_types import JsonObject, JsonValue
from simulator.render.view import Flavour
from simulator.shop import Entity
from simulator.store import Database, Structure


class LinkRenderer:
    """Writes down what a product or a model is associated with."""

    def __init__(self, structure: Structure, database: Database) -> None:
        self._structure = structure
        self._database = database

    def plain(self, entity: Entity, flavour: Flavour) -> JsonValue:
        """Associations without quantities; every type of them shows, even when empty."""
        found: JsonObject = {}
        for item in self._structure.items("association-types"):
            if not item.body.get("is_quantified"):
                targets = entity.associations.get(item.code, ())
                found[item.code] = {
                    "products": [*self._named(targets, flavour)],
                    "product_models": [*entity.linked_models.get(item.code, ())],
                    "groups": [],
                }
        return found or []

    def quantified(self, entity: Entity, flavour: Flavour) -> JsonValue:
        """Associations with quantities, of the types that are in use."""
        key = "uuid" if flavour is Flavour.UUID else "identifier"
        found: JsonObject = {}
        for kind in dict.fromkeys((*entity.quantified, *entity.quantified_models)):
            if self._structure.get("association-types", kind) is not None:
                parts = entity.quantified.get(kind, ())
                names = self._named([uuid for uuid, _count in parts], flavour)
                found[kind] = {
                    "products": [
                        {key: name, "quantity": count}
                        for name, (_uuid, count) in zip(names, parts, strict=True)
                    ],
                    "product_models": [
                        {"identifier": code, "quantity": count}
                        for code, count in entity.quantified_models.get(kind, ())
                    ],
                }
        # PHP writes a map without entries as a list.
        return found or []

    def _named(self, uuids: Iterable[str], flavour: Flavour) -> list[str | None]:
        if flavour is Flavour.UUID:
            return list(uuids)
        return [self._database.identifier_of(uuid) for uuid in uuids]
