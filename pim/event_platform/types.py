"""Event types of the Event Platform: what each is about, and where its body names that.

The bodies are those of Akeneo's list of events; nobody outside has published a captured delivery,
so that each name is taken wherever one of the vendor's own texts puts it.
"""

from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from pim.vocabulary import CatalogKind, ResourceKind

PREFIX = "com.akeneo.pim.v1."

DELIVERIES_PATH = "/webhooks/event-platform"
"""Of the receiver's public address: where subscriptions of ours deliver to."""

Path = tuple[str, ...]
"""Members of `data`, from the outside in."""


@dataclass(frozen=True, slots=True)
class EventType:
    """What an event of one type is about.

    `names`: where its thing is named, most usual first: of a product its members `uuid` and
    `identifier`, else `code`. `parent`: where the thing that it lives in is. `unread`: why nothing
    is read again for it; None: the thing is read.
    """

    kind: ResourceKind
    names: tuple[Path, ...]
    item: CatalogKind | None = None
    parent: Path | None = None
    removed: bool = False
    unread: str | None = None


_VERBS = ("created", "updated", "deleted")

_STRUCTURE: dict[str, tuple[CatalogKind, Path, Path | None]] = {
    "family": (CatalogKind.FAMILY, ("family",), None),
    "attribute": (CatalogKind.ATTRIBUTE, ("attribute",), None),
    "attribute-group": (CatalogKind.ATTRIBUTE_GROUP, ("attribute_group",), None),
    "attribute-option": (
        CatalogKind.OPTION,
        ("attribute_option",),
        ("attribute_option", "attribute"),
    ),
    "category": (CatalogKind.CATEGORY, ("category",), None),
    "asset": (CatalogKind.ASSET, ("asset",), ("asset", "asset_family")),
    "reference-entity-record": (
        CatalogKind.RECORD,
        ("reference_entity_record",),
        ("reference_entity_record", "reference_entity"),
    ),
}
_DELTA = "updated.delta"
_PRODUCT_PATHS: tuple[Path, ...] = (("product",),)
_MODEL_PATHS: tuple[Path, ...] = (("product_model",), ("product",))
_JOBS = "jobs of the PIM are not mirrored"
_WORKFLOW = "workflow tasks are not mirrored; what they change is told by other events"
_CONNECTION = "it tells of a connection or app, and no product"


def _products() -> dict[str, EventType]:
    kinds = (
        ("product", ResourceKind.PRODUCT, _PRODUCT_PATHS),
        ("product-model", ResourceKind.PRODUCT_MODEL, _MODEL_PATHS),
    )
    types = {
        f"{name}.{verb}": EventType(kind, names, removed=verb == "deleted")
        for (name, kind, names), verb in product(kinds, (*_VERBS, _DELTA))
    }
    for verb in ("became-complete", "became-incomplete"):
        types[f"product.{verb}"] = EventType(ResourceKind.PRODUCT, _PRODUCT_PATHS)
    return types


def _structure() -> dict[str, EventType]:
    types = {
        f"{name}.{verb}": EventType(
            ResourceKind.STRUCTURE,
            (path,),
            item=item,
            parent=parent,
            removed=verb == "deleted",
        )
        for name, (item, path, parent) in _STRUCTURE.items()
        for verb in _VERBS
    }
    types[f"asset.{_DELTA}"] = types["asset.updated"]
    return types


def _others() -> dict[str, EventType]:
    def unread(why: str, *path: str) -> EventType:
        return EventType(ResourceKind.OTHER, (path,) if path else (), unread=why)

    return {
        "app.deleted": unread(_CONNECTION, "app"),
        "connection.deleted": unread(_CONNECTION, "connection"),
        **{f"job.{job}.status-changed": unread(_JOBS) for job in ("export", "import", "mass-edit")},
        **{f"workflow.task.{verb}": unread(_WORKFLOW) for verb in ("created", "completed")},
    }


EVENT_TYPES = MappingProxyType({**_products(), **_structure(), **_others()})
"""By their names without the prefix; a type that is not here is settled unread."""


def is_platform_type(action: str) -> bool:
    """Whether an event's action is a type of the Event Platform."""
    return action.startswith(PREFIX)


def short_type(action: str) -> str:
    """An action as people read it: without the prefix that all types share."""
    return action.removeprefix(PREFIX)
