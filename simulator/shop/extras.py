"""Attributes beyond those of the Community shop: what they are, and how their values are made."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pim.json_types import JsonObject
from simulator.shop.attributes import AttributeSpec
from simulator.shop.options import Options
from simulator.shop.product import Product, Values

ExtraMaker: TypeAlias = Callable[[random.Random], list[JsonObject]]

# Most products have a good part of these attributes filled in, and few all of them.
_LEFT_EMPTY = 0.45


@dataclass(frozen=True, slots=True)
class Extras:
    """Attributes of every family, with the options and units of measure that they bring along."""

    specs: tuple[AttributeSpec, ...] = ()
    options: Mapping[str, Options] = field(default_factory=dict)
    makers: Mapping[str, ExtraMaker] = field(default_factory=dict)
    measures: tuple[JsonObject, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the attributes."""
        return tuple(spec.code for spec in self.specs)

    def values(self, seed: int, product: Product) -> Values:
        """What a product was made with: a function of seed and number; nothing without a family."""
        if product.family is None:
            return {}
        return self.drawn(random.Random(f"{seed}:{product.number}:extras"))

    def drawn(self, rng: random.Random) -> Values:
        """Values of a good part of the attributes."""
        filled = {
            code: make(rng) for code, make in self.makers.items() if rng.random() >= _LEFT_EMPTY
        }
        return {code: entries for code, entries in filled.items() if entries}

    def joined(self, other: "Extras") -> "Extras":
        """These and others."""
        return Extras(
            specs=(*self.specs, *other.specs),
            options={**self.options, **other.options},
            makers={**self.makers, **other.makers},
            measures=(*self.measures, *other.measures),
        )


NO_EXTRAS = Extras()
