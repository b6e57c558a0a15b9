"""Associations: the references of both sides, and what becomes of them when one side goes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from simulator.shop import Entity, ProductModel

Links = Mapping[str, tuple[str, ...]]
Parts = Mapping[str, tuple[tuple[str, int], ...]]
EntityT = TypeVar("EntityT", bound=Entity)


def model_reference(code: str) -> str:
    """How references name a product model, whatever case its code is written in."""
    return f"model:{code.casefold()}"


def reference_of(entity: Entity) -> str:
    """How references name a product or a model: a product by its uuid alone."""
    return model_reference(entity.code) if isinstance(entity, ProductModel) else entity.uuid


def list_targets(entity: Entity) -> set[str]:
    """References to all that a product or model is itself associated with."""
    found = {uuid for uuids in entity.associations.values() for uuid in uuids}
    found.update(uuid for parts in entity.quantified.values() for uuid, _count in parts)
    found.update(model_reference(code) for codes in entity.linked_models.values() for code in codes)
    found.update(
        model_reference(code) for parts in entity.quantified_models.values() for code, _ in parts
    )
    return found


def without_target(entity: EntityT, reference: str) -> EntityT:
    """The entity, no longer associated with what the reference names; its instant stays."""
    return replace(
        entity,
        associations=_links_without(entity.associations, reference, str),
        quantified=_parts_without(entity.quantified, reference, str),
        linked_models=_links_without(entity.linked_models, reference, model_reference),
        quantified_models=_parts_without(entity.quantified_models, reference, model_reference),
    )


def changed_links(
    former: Entity | None, entity: Entity, is_two_way: Callable[[str], bool]
) -> Iterator[tuple[str, Callable[[Entity], Entity]]]:
    """What a save of `entity` does to others by its two-way associations: whom, and how."""
    before = {} if former is None else _plain_targets(former)
    now = _plain_targets(entity)
    own = reference_of(entity)
    for kind in sorted(filter(is_two_way, {*before, *now})):
        linked = now.get(kind, set())
        for reference in sorted(before.get(kind, set()) ^ linked):
            if reference != own:
                change = _with_link if reference in linked else _without_link
                yield reference, partial(change, kind=kind, target=entity)


def _plain_targets(entity: Entity) -> dict[str, set[str]]:
    found = {kind: set(uuids) for kind, uuids in entity.associations.items()}
    for kind, codes in entity.linked_models.items():
        found.setdefault(kind, set()).update(map(model_reference, codes))
    return found


def _with_link(entity: Entity, kind: str, target: Entity) -> Entity:
    if isinstance(target, ProductModel):
        return replace(entity, linked_models=_with(entity.linked_models, kind, target.code))
    return replace(entity, associations=_with(entity.associations, kind, target.uuid))


def _without_link(entity: Entity, kind: str, target: Entity) -> Entity:
    if isinstance(target, ProductModel):
        return replace(entity, linked_models=_less(entity.linked_models, kind, target.code))
    return replace(entity, associations=_less(entity.associations, kind, target.uuid))


def _with(links: Links, kind: str, name: str) -> Links:
    return {**links, kind: tuple(sorted({*links.get(kind, ()), name}))}


def _less(links: Links, kind: str, name: str) -> Links:
    kept = tuple(each for each in links.get(kind, ()) if each != name)
    others = {other: names for other, names in links.items() if other != kind}
    return {**others, kind: kept} if kept else others


def _links_without(links: Links, reference: str, named: Callable[[str], str]) -> Links:
    kept = {
        kind: tuple(each for each in names if named(each) != reference)
        for kind, names in links.items()
    }
    return {kind: names for kind, names in kept.items() if names}


def _parts_without(parts: Parts, reference: str, named: Callable[[str], str]) -> Parts:
    kept = {
        kind: tuple(part for part in pairs if named(part[0]) != reference)
        for kind, pairs in parts.items()
    }
    return {kind: pairs for kind, pairs in kept.items() if pairs}


class Referrers:
    """Who is associated with a target, by the target's reference."""

    def __init__(self) -> None:
        self._of: dict[str, set[str]] = {}

    def enter(self, entity: Entity) -> None:
        """Note what an entity is associated with."""
        name = reference_of(entity)
        for target in list_targets(entity):
            self._of.setdefault(target, set()).add(name)

    def leave(self, entity: Entity) -> None:
        """Forget what a state of an entity was associated with."""
        name = reference_of(entity)
        for target in list_targets(entity):
            self._of.get(target, set()).discard(name)

    def of(self, reference: str) -> list[str]:
        """References of those who are associated with the target, in a fixed order."""
        return sorted(self._of.get(reference, ()))

    def forget(self, reference: str) -> None:
        """The target is gone."""
        self._of.pop(reference, None)

    def clear(self) -> None:
        """Forget everything."""
        self._of.clear()
