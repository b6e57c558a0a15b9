"""Products and product models as the PIM's database keeps them: an edit replaces a snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from pim.json_types import JsonObject, JsonValue

Values: TypeAlias = dict[str, list[JsonObject]]
"""Values by attribute code, as REST shows them, without the main identifier."""

NO_LINKS: Mapping[str, tuple[str, ...]] = {}
NO_QUANTITIES: Mapping[str, tuple[tuple[str, int], ...]] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """One state of one product; two are the same state only if they are the same object.

    `created` and `updated` are whole seconds since 1970, as the PIM stores them. `values` None:
    still as generated from `number`, and made when somebody looks. `associations` hold uuids by
    type, `quantified` pairs of uuid and quantity; `linked_models` and `quantified_models` hold
    codes of product models in the same way.

    A variant (`parent` set) holds here what is its own. Merged with its models, as everybody sees
    it, it names them in `ancestors`, the nearest first, and has the latest of their instants in
    `inherited_updated`; `updated` stays its own.
    """

    uuid: str
    identifier: str | None
    number: int
    family: str | None
    enabled: bool
    categories: tuple[str, ...]
    created: int
    updated: int
    groups: tuple[str, ...] = ()
    parent: str | None = None
    associations: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_LINKS)
    quantified: Mapping[str, tuple[tuple[str, int], ...]] = field(
        default_factory=lambda: NO_QUANTITIES
    )
    values: Values | None = None
    linked_models: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_LINKS)
    quantified_models: Mapping[str, tuple[tuple[str, int], ...]] = field(
        default_factory=lambda: NO_QUANTITIES
    )
    ancestors: tuple[str, ...] = ()
    inherited_updated: int = 0

    @property
    def key(self) -> str:
        """What indexes and references know it by."""
        return self.uuid


def atom_time(seconds: int) -> str:
    """Whole seconds as the PIM writes an instant: `2024-03-05T09:10:11+00:00`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def scoped(
    data: JsonValue, locale: str | None = None, scope: str | None = None
) -> list[JsonObject]:
    """One value, or none where there is nothing to say."""
    return [] if data in (None, []) else [{"data": data, "locale": locale, "scope": scope}]


@dataclass(frozen=True, slots=True, eq=False)
class ProductModel:
    """One state of a product model; the fields that a product has too mean the same as there.

    `parent` names the root of a sub-model, and is None for a root. A sub-model holds here what is
    its own; merged with its root it names that in `ancestors`, and has its instant in
    `inherited_updated`.
    """

    code: str
    family: str
    family_variant: str
    parent: str | None
    categories: tuple[str, ...]
    created: int
    updated: int
    values: Values
    associations: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_LINKS)
    quantified: Mapping[str, tuple[tuple[str, int], ...]] = field(
        default_factory=lambda: NO_QUANTITIES
    )
    linked_models: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_LINKS)
    quantified_models: Mapping[str, tuple[tuple[str, int], ...]] = field(
        default_factory=lambda: NO_QUANTITIES
    )
    ancestors: tuple[str, ...] = ()
    inherited_updated: int = 0

    @property
    def key(self) -> str:
        """What indexes and references know it by: codes are the same in any case."""
        return self.code.casefold()


Entity: TypeAlias = Product | ProductModel
"""What has values, categories and associations."""
