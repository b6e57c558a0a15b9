"""What filters need to know besides the product they look at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TypeAlias

from simulator.render.scores import Percent
from simulator.shop.model import Entity, ProductModel
from simulator.shop.product import Product
from simulator.store.structure import Structure

Predicate: TypeAlias = Callable[[Product], bool]
ModelTest: TypeAlias = Callable[[ProductModel], bool]
EntityTest: TypeAlias = Callable[[Entity], bool]
"""A test of what products and models have both."""


@dataclass(frozen=True, slots=True)
class SearchContext:
    """The structure, the PIM's clock and zone, how complete a product is, a model's variants.

    `legacy`: the PIM is older than version 7, which brought filters on uuids and several others.
    """

    structure: Structure
    percents: Callable[[Product], list[Percent]]
    variants: Callable[[ProductModel], list[Product]]
    zone: tzinfo
    now: datetime
    legacy: bool = False
