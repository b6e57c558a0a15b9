"""The whole shop from one seed: products at once, their values when somebody looks."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator.shop.extras import NO_EXTRAS, Extras
from simulator.shop.heads import make_head, sure_identifier
from simulator.shop.models import ModelFamily, Others, make_models, with_sure_identifier
from simulator.shop.product import Product, Values
from simulator.shop.values import make_values


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The products a seed stands for; a longer catalogue begins with the shorter one.

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
        return [self.settled(family) for family in made]

    def settled(self, family: ModelFamily) -> ModelFamily:
        """A new model's family; before version 7 each of its variants has an identifier.

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
