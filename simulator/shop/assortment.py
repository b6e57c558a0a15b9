"""Assortment of a shop, made from one seed: products at once, their values when somebody looks.

`open_shop` tells what a configuration adds: structure, extra attributes, records and assets.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simulator.config import SimulatorConfig
from simulator.shop.assets import asset_codes, asset_structure, make_assets
from simulator.shop.attributes import IDENTIFIER, NO_EXTRAS, Extras
from simulator.shop.enterprise import enterprise_extras, table_extras
from simulator.shop.every_type import IDENTIFIER_TYPE, every_type
from simulator.shop.models import ModelFamily, Others, make_models, with_sure_identifier
from simulator.shop.product import Product, Values
from simulator.shop.product_heads import make_head, sure_identifier
from simulator.shop.records import entity_structure, make_records, record_codes
from simulator.shop.structure import StructureItem, make_structure
from simulator.shop.things import Pools, Thing
from simulator.shop.values import make_values


@dataclass(frozen=True, slots=True)
class Assortment:
    """The products a seed stands for; a longer one begins with the shorter one.

    `every_identifier`: all products have an identifier, as before version 7 they must. `extras`:
    values that come on top of the others, which stay as they are without.
    """

    seed: int
    every_identifier: bool = False
    extras: Extras = NO_EXTRAS

    def products(self, count: int) -> list[Product]:
        """The first `count` products, in the order of their numbers."""
        rng = random.Random(self.seed)
        found: list[Product] = []
        uuids: list[str] = []
        for number in range(count):
            product = self.product(rng, number, uuids)
            found.append(product)
            uuids.append(product.uuid)
        return found

    def product(self, rng: random.Random, number: int, others: Sequence[str]) -> Product:
        """One product, drawn from `rng`, associated with some of the `others`."""
        product = make_head(rng, number, others)
        if self.every_identifier and product.identifier is None:
            return replace(product, identifier=sure_identifier(rng, number, product.family))
        return product

    def models(self, count: int, products: Sequence[Product]) -> list[ModelFamily]:
        """So many root models with all that is below them, beside these products."""
        others = Others([product.uuid for product in products], ())
        made = make_models(self.seed, count, first_number=len(products), others=others)
        return [self.complete(family) for family in made]

    def complete(self, family: ModelFamily) -> ModelFamily:
        """Complete a new model's family; before version 7 each of its variants has an identifier.

        Its root has values of the extra attributes, as simple products have.
        """
        if self.extras.specs:
            drawn = self.extras.drawn(random.Random(f"{self.seed}:{family.root.code}:extras"))
            root = replace(family.root, values={**family.root.values, **drawn})
            family = replace(family, root=root)
        if not self.every_identifier:
            return family
        rng = random.Random(family.root.code)
        variants = [with_sure_identifier(rng, variant) for variant in family.variants]
        return replace(family, variants=variants)

    def values(self, product: Product) -> Values:
        """The product's values; not to be changed in place."""
        if product.values is not None:
            return product.values
        made = make_values(self.seed, product)
        return {**made, **self.extras.values(self.seed, product)} if self.extras.specs else made


@dataclass(frozen=True, slots=True)
class Shop:
    """What there is in the shop before its products.

    `extras` make the values that products begin with, out of what there is now: a record that is
    made later is in none of them. `fresh` make those of later edits, out of what there is then.
    """

    extras: Extras
    fresh: Extras
    pools: Pools
    things: list[Thing]
    is_enterprise: bool
    saas: bool
    with_variants: bool

    def structure(self) -> Iterator[StructureItem]:
        """Everything but products, records and assets."""
        for item in make_structure(self.extras, with_variants=self.with_variants):
            yield _said_in_the_cloud(item) if self.saas else item
        if self.is_enterprise:
            yield from entity_structure()
            yield from asset_structure()


def open_shop(config: SimulatorConfig) -> Shop:
    """The shop of this configuration; a Community shop has no records and assets."""
    pools, things = Pools({}, {}), []
    if config.is_enterprise:
        pools = Pools(record_codes(config.records), asset_codes(config.assets))
        things += make_records(config.seed, pools.records)
        things += make_assets(config.seed, pools.assets)
    return Shop(
        _extras(config, pools.as_they_are()),
        _extras(config, pools),
        pools,
        things,
        is_enterprise=config.is_enterprise,
        saas=config.saas,
        with_variants=config.models > 0,
    )


def _extras(config: SimulatorConfig, pools: Pools) -> Extras:
    extras = NO_EXTRAS
    if config.is_enterprise:
        extras = enterprise_extras(pools).joined(
            table_extras(pools, saas=config.saas, legacy=config.identifier_only)
        )
    if config.is_enterprise or config.every_type:
        extras = every_type(saas=config.saas).joined(extras)
    return extras


def _said_in_the_cloud(item: StructureItem) -> StructureItem:
    """Where several attributes may be identifiers, each says whether it is the main one."""
    if item.kind != "attributes" or item.body["type"] != IDENTIFIER_TYPE:
        return item
    return replace(item, body={**item.body, "is_main_identifier": item.code == IDENTIFIER})
