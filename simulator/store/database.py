"""The PIM's database of products and models: what a single GET reads and every save changes."""

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from simulator.shop import Entity, Product, ProductModel
from simulator.store.inheritance import MergedProducts, merged
from simulator.store.links import Referrers, changed_links, reference_of, without_target
from simulator.store.models import ModelShelf

Listener = Callable[[str, Product | None], None]
ModelListener = Callable[[str, ProductModel | None], None]
_REMEMBERED_REMOVALS = 2000


class Snapshot(NamedTuple):
    """Every product and model as it was at one moment."""

    products: Mapping[str, Product]
    models: Mapping[str, ProductModel]


class Database:
    """Products by uuid, with the identifier unique whatever its case, and their models.

    Removing a product takes it out of the associations of the others, as the foreign keys of a
    PIM do: their `updated` does not move, and nobody is told. Removing a model takes all that is
    below it along. An association of a type that `is_two_way` shows on its other side too.
    `listener` and `model_listener` hear of every save and removal, of variants and sub-models
    merged with what they inherit, and of all of them when a model changes: that is how the search
    indexes follow.
    """

    def __init__(
        self,
        products: Iterable[Product],
        listener: Listener,
        *,
        models: Iterable[ProductModel] = (),
        model_listener: ModelListener = lambda *_: None,
        is_two_way: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.models = ModelShelf(models)
        self._products = {product.uuid: product for product in products}
        self._keys = sorted(self._products)
        self._by_identifier: dict[str, str] = {}
        self._referrers = Referrers()
        self._listener = listener
        self._model_listener = model_listener
        self._is_two_way = is_two_way
        self._merged = MergedProducts()
        self.removed: dict[str, Product] = {}
        for product in self._products.values():
            self._enter(product)
        for model in self.models:
            self._referrers.enter(model)

    def __len__(self) -> int:
        """How many products there are."""
        return len(self._keys)

    def __iter__(self) -> Iterator[Product]:
        """Every product in the order of uuids, as it is when its turn comes."""
        for uuid in list(self._keys):
            product = self._products.get(uuid)
            if product is not None:
                yield product

    def get(self, uuid: str) -> Product | None:
        """The product of this uuid, in whatever case it is written."""
        return self._products.get(uuid) or self._products.get(uuid.lower())

    def merged(self, product: Product) -> Product:
        """The product with what it inherits; the same object as long as none of it changes."""
        if product.parent is None or product.ancestors:
            return product
        return self._merged.of(product, self.models.ancestors(product))

    def merged_model(self, model: ProductModel) -> ProductModel:
        """The model with what it inherits."""
        return model if model.ancestors else merged(model, self.models.ancestors(model))

    def variants_of(self, model: ProductModel) -> list[Product]:
        """Every variant below a model, with what it inherits."""
        return [self.merged(self._products[uuid]) for uuid in self.models.all_variants(model.code)]

    def by_identifier(self, identifier: str) -> Product | None:
        """The product of this identifier, in whatever case it is written."""
        uuid = self._by_identifier.get(identifier.casefold())
        return None if uuid is None else self._products[uuid]

    def identifier_of(self, uuid: str) -> str | None:
        """The identifier of a product, if it has one."""
        product = self._products.get(uuid)
        return None if product is None else product.identifier

    def pick(self, rng: random.Random) -> Product | None:
        """Any product, or None if there is none."""
        return self._products[rng.choice(self._keys)] if self._keys else None

    def is_free(self, identifier: str | None, owner: str) -> bool:
        """Whether the product `owner` may have this identifier."""
        if identifier is None:
            return True
        return self._by_identifier.get(identifier.casefold(), owner) == owner

    def save(self, product: Product) -> None:
        """Insert the product or put it in the place of its former state.

        Raises:
            ValueError: another product has its identifier.
        """
        if not self.is_free(product.identifier, product.uuid):
            raise ValueError(f'The identifier "{product.identifier}" is already taken.')
        former = self._products.get(product.uuid)
        self._put(product)
        self.removed.pop(product.uuid, None)
        if former is not None and former.identifier != product.identifier:
            self._touch_referrers(product.uuid)
        self._mirror(former, product)
        self._listener(product.uuid, self.merged(product))

    def remove(self, uuid: str) -> Product | None:
        """Take the product away, also out of others' associations; None if there is none."""
        product = self._products.pop(uuid, None)
        if product is None:
            return None
        self._leave(product)
        del self._keys[bisect_left(self._keys, uuid)]
        self._merged.forget(uuid)
        self._drop_target(uuid)
        self._remember(product)
        self._listener(uuid, None)
        return product

    def save_model(self, model: ProductModel) -> None:
        """Insert the model or put it in the place of its former state."""
        former = self.models.get(model.code)
        self._put(model)
        self._mirror(former, model)
        self._hear_of(model)

    def remove_model(self, code: str) -> ProductModel | None:
        """Take a model away with all that is below it; None if there is none."""
        model = self.models.get(code)
        if model is None:
            return None
        for sub in self.models.subs(code):
            self.remove_model(sub.code)
        for uuid in self.models.variants(code):
            self.remove(uuid)
        self.models.drop(model)
        self._referrers.leave(model)
        self._drop_target(reference_of(model))
        self._model_listener(model.key, None)
        return model

    def snapshot(self) -> Snapshot:
        """Everything as it is now, to be put back by `restore`."""
        return Snapshot(dict(self._products), {model.key: model for model in self.models})

    def restore(self, snapshot: Snapshot) -> None:
        """Put back what a backup has: later changes, new products and removals are undone."""
        former, former_models = self._products, self.models
        self._products = dict(snapshot.products)
        self._keys = sorted(self._products)
        self.models = ModelShelf(snapshot.models.values())
        self._by_identifier.clear()
        self._referrers.clear()
        self._merged.clear()
        for entity in (*self._products.values(), *self.models):
            self._enter(entity)
        for key in sorted({*(each.key for each in former_models), *snapshot.models}):
            model = self.models.get(key)
            if model is not former_models.get(key):
                self._model_listener(key, None if model is None else self.merged_model(model))
        for uuid in sorted({*former, *self._products}):
            now = self._products.get(uuid)
            if now is None:
                self._remember(former[uuid])
            else:
                self.removed.pop(uuid, None)
            if now is not former.get(uuid) or (now is not None and now.parent is not None):
                self._listener(uuid, None if now is None else self.merged(now))

    def _put(self, entity: Entity) -> None:
        former = self._find(reference_of(entity))
        if former is not None:
            self._leave(former)
        if isinstance(entity, ProductModel):
            self.models.put(entity)
        else:
            if former is None:
                insort(self._keys, entity.uuid)
            self._products[entity.uuid] = entity
        self._enter(entity)

    def _find(self, reference: str) -> Entity | None:
        kind, _, code = reference.partition(":")
        return self.models.get(code) if kind == "model" else self._products.get(reference)

    def _hear_of(self, model: ProductModel) -> None:
        for each in (model, *self.models.subs(model.code)):
            self._model_listener(each.key, self.merged_model(each))
        for uuid in self.models.all_variants(model.code):
            self._listener(uuid, self.merged(self._products[uuid]))

    def _drop_target(self, reference: str) -> None:
        for name in self._referrers.of(reference):
            referrer = self._find(name)
            if referrer is not None:
                self._put(without_target(referrer, reference))
        self._referrers.forget(reference)

    def _mirror(self, former: Entity | None, entity: Entity) -> None:
        for reference, change in changed_links(former, entity, self._is_two_way):
            other = self._find(reference)
            if other is not None:
                self._put(change(other))

    def _remember(self, product: Product) -> None:
        self.removed[product.uuid] = product
        if len(self.removed) > _REMEMBERED_REMOVALS:
            del self.removed[next(iter(self.removed))]

    def _touch_referrers(self, uuid: str) -> None:
        # Whoever shows this product's identifier shows something else now: a new state object.
        for name in self._referrers.of(uuid):
            referrer = self._find(name)
            if referrer is not None:
                self._put(replace(referrer))

    def _enter(self, entity: Entity) -> None:
        self._referrers.enter(entity)
        if isinstance(entity, Product):
            self.models.adopt(entity)
            if entity.identifier is not None:
                self._by_identifier[entity.identifier.casefold()] = entity.uuid

    def _leave(self, entity: Entity) -> None:
        self._referrers.leave(entity)
        if isinstance(entity, Product):
            self.models.disown(entity)
            if entity.identifier is not None:
                del self._by_identifier[entity.identifier.casefold()]
