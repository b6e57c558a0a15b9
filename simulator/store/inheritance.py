"""Inheritance: the level at which each attribute is kept, and entities merged with their models."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from pim.json_types import as_list, as_object, texts
from simulator.shop import Entity, Product, ProductModel, Values
from simulator.store.structure import Structure

Named = TypeVar("Named", bound=Entity)


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


def find_levels(structure: Structure, family: str, variant: str) -> Levels | None:
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


def merged(entity: Named, ancestors: Sequence[ProductModel]) -> Named:
    """The entity with what its ancestors have, the nearest of them first.

    Values: the nearest wins. Categories: of all, sorted. Associations: of all; of two quantities
    of one target the nearest. `updated` stays the entity's own.
    """
    if not ancestors:
        return entity
    family = (entity, *ancestors)
    return replace(
        entity,
        values=_merged_values([each.values or {} for each in reversed(family)]),
        categories=tuple(sorted({code for each in family for code in each.categories})),
        associations=_united(each.associations for each in family),
        linked_models=_united(each.linked_models for each in family),
        quantified=_summed(each.quantified for each in family),
        quantified_models=_summed(each.quantified_models for each in family),
        ancestors=tuple(each.code for each in ancestors),
        inherited_updated=max(each.updated for each in ancestors),
    )


def _merged_values(outermost_first: Iterable[Values]) -> Values:
    found: Values = {}
    for values in outermost_first:
        found.update(values)
    return found


def _united(links: Iterable[Mapping[str, tuple[str, ...]]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for each in links:
        for kind, names in each.items():
            found.setdefault(kind, set()).update(names)
    return {kind: tuple(sorted(names)) for kind, names in found.items()}


def _summed(
    parts: Iterable[Mapping[str, tuple[tuple[str, int], ...]]],
) -> Mapping[str, tuple[tuple[str, int], ...]]:
    found: dict[str, dict[str, int]] = {}
    for each in parts:
        for kind, pairs in each.items():
            for name, count in pairs:
                found.setdefault(kind, {}).setdefault(name, count)
    return {kind: tuple(counts.items()) for kind, counts in found.items()}


class MergedProducts:
    """Merged variants, kept as long as neither they nor a model above them changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Sequence[Entity], Product]] = {}

    def of(self, product: Product, ancestors: Sequence[ProductModel]) -> Product:
        """The product merged with its ancestors; the same object again if nothing changed."""
        sources: Sequence[Entity] = (product, *ancestors)
        kept = self._kept.get(product.uuid)
        if kept is None or not _are_same(kept[0], sources):
            kept = (sources, merged(product, ancestors))
            self._kept[product.uuid] = kept
        return kept[1]

    def forget(self, uuid: str) -> None:
        """The product is gone."""
        self._kept.pop(uuid, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()


def _are_same(one: Sequence[Entity], other: Sequence[Entity]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
