"""Events of what stands beside products: structure, records and assets.

The Events API never tells of them; the Event Platform does.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from simulator.edits.editor import Author, PimEvent
from simulator.shop import StructureItem, Thing, ThingKind


class ItemKind(StrEnum):
    """What has events of its own, named as in their types."""

    FAMILY = "family"
    ATTRIBUTE = "attribute"
    ATTRIBUTE_GROUP = "attribute-group"
    OPTION = "attribute-option"
    CATEGORY = "category"
    ASSET = "asset"
    RECORD = "reference-entity-record"


class ItemAction(StrEnum):
    """What happened to it."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class ItemEvent:
    """One event of an item; `parent`: an option's attribute, a record's entity, an asset's family.

    `at` is in whole seconds. `before` and `after` are the states of a record or an asset.
    """

    kind: ItemKind
    action: ItemAction
    code: str
    parent: str | None
    at: int
    author: Author
    before: Thing | None = None
    after: Thing | None = None


AnyEvent: TypeAlias = PimEvent | ItemEvent

_KINDS = {
    "families": ItemKind.FAMILY,
    "attributes": ItemKind.ATTRIBUTE,
    "attribute-groups": ItemKind.ATTRIBUTE_GROUP,
    "options": ItemKind.OPTION,
    "categories": ItemKind.CATEGORY,
}
# Of these an event tells only if one of the fields changed.
_TOLD = {
    ItemKind.FAMILY: ("labels", "attribute_as_image", "attribute_requirements"),
    ItemKind.CATEGORY: ("labels", "parent", "values"),
}


def make_structure_event(
    before: StructureItem | None, after: StructureItem | None, at: int, author: Author
) -> ItemEvent | None:
    """The event of a changed, new (`before` None) or removed (`after` None) item; None: no event.

    Channels, locales, association types and many others have none, and so has what changes nothing.
    """
    item = after or before
    kind = None if item is None else _KINDS.get(item.kind)
    if item is None or kind is None:
        return None
    if before is not None and after is not None:
        names = _TOLD.get(kind, tuple({*before.body, *after.body}))
        if all(before.body.get(name) == after.body.get(name) for name in names):
            return None
    return ItemEvent(kind, _action(before, after), item.code, item.parent, at, author)


def make_thing_event(
    before: Thing | None, after: Thing | None, at: int, author: Author
) -> ItemEvent | None:
    """The event of a changed, new or removed record or asset; None if nothing changed."""
    thing = after or before
    if thing is None or before is after:
        return None
    kind = ItemKind.ASSET if thing.kind is ThingKind.ASSET else ItemKind.RECORD
    action = _action(before, after)
    return ItemEvent(kind, action, thing.code, thing.family, at, author, before, after)


def _action(before: object, after: object) -> ItemAction:
    if before is None:
        return ItemAction.CREATED
    return ItemAction.DELETED if after is None else ItemAction.UPDATED
