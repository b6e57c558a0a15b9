"""Records and assets, which only an Enterprise PIM has: their form and their values.

`Pools` are the codes and uuids that values of products may name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from pim.json_types import JsonObject, JsonValue
from simulator.shop.structure import FOUNDED, StructureItem
from simulator.shop.words import LOCALES

ThingValues: TypeAlias = dict[str, list[JsonObject]]
"""Values by attribute code, each with `locale`, `channel` (not scope) and `data`."""

_MINUTE = 60


class ThingKind(StrEnum):
    """The two kinds, named as their lists are."""

    RECORD = "records"
    ASSET = "assets"

    @property
    def families(self) -> str:
        """The kind of structure item that such a thing belongs to."""
        return "reference-entities" if self is ThingKind.RECORD else "asset-families"

    @property
    def attributes(self) -> str:
        """The kind of structure item that describes one of its values; parent is the family."""
        is_record = self is ThingKind.RECORD
        return "reference-entity-attributes" if is_record else "asset-attributes"

    @property
    def options(self) -> str:
        """The kind of structure item that such an attribute's options are."""
        return "reference-entity-options" if self is ThingKind.RECORD else "asset-options"


@dataclass(frozen=True, slots=True)
class Thing:
    """One record or asset as the database keeps it; instants in whole seconds since 1970."""

    kind: ThingKind
    family: str
    code: str
    values: ThingValues
    created: int
    updated: int


def options_parent(family: str, attribute: str) -> str:
    """The parent of an attribute's options: codes have no dots, so no two share one."""
    return f"{family}.{attribute}"


def everywhere(data: JsonValue) -> list[JsonObject]:
    """The one value of an attribute that is the same for all locales and channels."""
    return [{"locale": None, "channel": None, "data": data}]


def by_locale(texts: Iterable[str | None], channel: str | None = None) -> list[JsonObject]:
    """A value for each of `LOCALES` that has a text."""
    pairs = zip(LOCALES, texts, strict=False)
    return [{"locale": locale, "channel": channel, "data": text} for locale, text in pairs if text]


def media_code(digits: int, name: str) -> str:
    """The code of a stored file: four folders and forty digits."""
    digest = f"{digits:040x}"
    return f"{'/'.join(digest[:4])}/{digest}_{name}"


def attribute_body(code: str, kind: str, labels: JsonValue, **more: JsonValue) -> JsonObject:
    """An attribute of a record or an asset; `more` overrides what all of them have."""
    common: JsonObject = {
        "code": code,
        "labels": labels,
        "type": kind,
        "value_per_locale": False,
        "value_per_channel": False,
        "is_required_for_completeness": code == "label",
    }
    return {**common, **more}


def items(kind: str, bodies: list[JsonObject], parent: str | None = None) -> list[StructureItem]:
    """Structure items in the order of their list, each a minute younger than the one before."""
    return [
        StructureItem(kind, parent, str(body["code"]), body, FOUNDED + position * _MINUTE)
        for position, body in enumerate(bodies)
    ]


@dataclass(frozen=True, slots=True)
class Pools:
    """Codes by entity or family; `products` is filled once there are any."""

    records: Mapping[str, list[str]]
    assets: Mapping[str, list[str]]
    products: list[str] = field(default_factory=list)

    def of(self, kind: ThingKind) -> Mapping[str, list[str]]:
        """The codes of a kind."""
        return self.records if kind is ThingKind.RECORD else self.assets

    def as_they_are(self) -> "Pools":
        """The codes of records and assets as of now, whatever is made or removed later."""
        records = {entity: [*codes] for entity, codes in self.records.items()}
        assets = {family: [*codes] for family, codes in self.assets.items()}
        return Pools(records, assets, self.products)
