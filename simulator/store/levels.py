"""At which level of a model's family each attribute is kept."""

from typing import NamedTuple

from pim.json_types import as_list, as_object, texts
from simulator.shop.model import ProductModel
from simulator.store.structure import Structure


class Levels(NamedTuple):
    """A family variant's attributes by level: the root's, a sub-model's if any, the variants'."""

    attributes: tuple[frozenset[str], ...]
    axes: tuple[tuple[str, ...], ...]

    @property
    def depth(self) -> int:
        """How many levels there are below the root: 1 or 2."""
        return len(self.attributes) - 1

    @property
    def of_variants(self) -> frozenset[str]:
        """The attributes whose values variants keep themselves."""
        return self.attributes[-1]

    def of_model(self, model: ProductModel) -> frozenset[str]:
        """The attributes whose values this model keeps itself."""
        return self.attributes[0 if model.parent is None else 1]

    def may_have_variants(self, model: ProductModel) -> bool:
        """Whether variants, and not sub-models, stand directly below the model."""
        return self.depth == (1 if model.parent is None else 2)


def levels_of(structure: Structure, family: str, variant: str) -> Levels | None:
    """The levels of a family variant, or None if the family has no such variant."""
    item, of_family = (
        structure.get("family-variants", variant, family),
        structure.get("families", family),
    )
    if item is None or of_family is None:
        return None
    sets = sorted(
        (as_object(each) for each in as_list(item.body.get("variant_attribute_sets"))),
        key=lambda each: str(each.get("level")),
    )
    below = [frozenset((*texts(each.get("attributes")), *texts(each.get("axes")))) for each in sets]
    root = frozenset(texts(of_family.body.get("attributes"))).difference(*below)
    axes = tuple(tuple(texts(each.get("axes"))) for each in sets)
    return Levels((root, *below), ((), *axes))
