"""The PIM's product models: roots, their sub-models, and which variants stand below them."""

import random
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from simulator.shop import Product, ProductModel


class ModelShelf:
    """Models by code in any case, in the order of their codes; who is whose child."""

    def __init__(self, models: Iterable[ProductModel] = ()) -> None:
        self._models: dict[str, ProductModel] = {}
        self._keys: list[str] = []
        self._subs: dict[str, set[str]] = {}
        self._variants: dict[str, set[str]] = {}
        for model in models:
            self.put(model)

    def __len__(self) -> int:
        """How many models there are, sub-models counted."""
        return len(self._keys)

    def __iter__(self) -> Iterator[ProductModel]:
        """Every model in the order of codes, as it is when its turn comes."""
        for key in list(self._keys):
            model = self._models.get(key)
            if model is not None:
                yield model

    def get(self, code: str) -> ProductModel | None:
        """The model of this code, in whatever case it is written."""
        return self._models.get(code.casefold())

    def pick(self, rng: random.Random) -> ProductModel | None:
        """Any model, or None if there is none."""
        return self._models[rng.choice(self._keys)] if self._keys else None

    def put(self, model: ProductModel) -> None:
        """Insert the model or put it in the place of its former state."""
        former = self._models.get(model.key)
        if former is None:
            insort(self._keys, model.key)
        elif former.parent is not None:
            self._subs[former.parent.casefold()].discard(model.key)
        self._models[model.key] = model
        if model.parent is not None:
            self._subs.setdefault(model.parent.casefold(), set()).add(model.key)

    def drop(self, model: ProductModel) -> None:
        """Take a model away; what is below it is the caller's to take first."""
        del self._models[model.key]
        del self._keys[bisect_left(self._keys, model.key)]
        if model.parent is not None:
            self._subs[model.parent.casefold()].discard(model.key)

    def adopt(self, product: Product) -> None:
        """Note whose variant a product is, if it is one."""
        if product.parent is not None:
            self._variants.setdefault(product.parent.casefold(), set()).add(product.uuid)

    def disown(self, product: Product) -> None:
        """Forget whose variant a state of a product was."""
        if product.parent is not None:
            self._variants.get(product.parent.casefold(), set()).discard(product.uuid)

    def ancestors(self, entity: Product | ProductModel) -> tuple[ProductModel, ...]:
        """The models above a variant or a sub-model, the nearest first."""
        found: list[ProductModel] = []
        code = entity.parent
        while code is not None and (model := self.get(code)) is not None:
            found.append(model)
            code = model.parent
        return tuple(found)

    def subs(self, code: str) -> list[ProductModel]:
        """The sub-models directly below a model."""
        return [self._models[key] for key in sorted(self._subs.get(code.casefold(), ()))]

    def variants(self, code: str) -> list[str]:
        """The uuids of the variants directly below a model."""
        return sorted(self._variants.get(code.casefold(), ()))

    def all_variants(self, code: str) -> list[str]:
        """The uuids of all variants below a model, through its sub-models too."""
        through = [uuid for sub in self.subs(code) for uuid in self.variants(sub.code)]
        return [*self.variants(code), *through]
