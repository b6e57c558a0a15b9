"""What the PIM's database keeps of one product model: a snapshot that an edit replaces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from simulator.shop.product import NO_LINKS, NO_QUANTITIES, Product, Values


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
