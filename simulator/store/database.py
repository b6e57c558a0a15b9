"""The PIM's database of products: what a single GET reads and what every save changes."""

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from simulator.shop.product import Product

Listener = Callable[[str, Product | None], None]
_REMEMBERED_REMOVALS = 2000


class Database:
    """Products by uuid, with the identifier unique whatever its case.

    Removing a product takes it out of the associations of the others, as the foreign keys of a
    PIM do: their `updated` does not move, and nobody is told. `listener` hears of every save
    and removal: that is how the search index follows.
    """

    def __init__(self, products: Iterable[Product], listener: Listener) -> None:
        self._products = {product.uuid: product for product in products}
        self._keys = sorted(self._products)
        self._by_identifier: dict[str, str] = {}
        self._referrers: dict[str, set[str]] = {}
        self._listener = listener
        self.removed: dict[str, Product] = {}
        for product in self._products.values():
            self._enter(product)

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
        if former is None:
            insort(self._keys, product.uuid)
        else:
            self._leave(former)
        self._products[product.uuid] = product
        self._enter(product)
        self.removed.pop(product.uuid, None)
        if former is not None and former.identifier != product.identifier:
            self._touch_referrers(product.uuid)
        self._listener(product.uuid, product)

    def remove(self, uuid: str) -> Product | None:
        """Take the product away, also out of others' associations; None if there is none."""
        product = self._products.pop(uuid, None)
        if product is None:
            return None
        self._leave(product)
        del self._keys[bisect_left(self._keys, uuid)]
        for referrer in self._referrers.pop(uuid, set()):
            self._products[referrer] = _without(self._products[referrer], uuid)
        self._remember(product)
        self._listener(uuid, None)
        return product

    def snapshot(self) -> dict[str, Product]:
        """Every product as it is now, to be put back by `restore`."""
        return dict(self._products)

    def restore(self, snapshot: Mapping[str, Product]) -> None:
        """Put back what a backup held: later changes, new products and removals are undone."""
        former = self._products
        self._products = dict(snapshot)
        self._keys = sorted(self._products)
        self._by_identifier.clear()
        self._referrers.clear()
        for product in self._products.values():
            self._enter(product)
        for uuid in sorted({*former, *self._products}):
            now = self._products.get(uuid)
            if now is None:
                self._remember(former[uuid])
            else:
                self.removed.pop(uuid, None)
            if now is not former.get(uuid):
                self._listener(uuid, now)

    def _remember(self, product: Product) -> None:
        self.removed[product.uuid] = product
        if len(self.removed) > _REMEMBERED_REMOVALS:
            del self.removed[next(iter(self.removed))]

    def _touch_referrers(self, uuid: str) -> None:
        # Whoever shows this product's identifier shows something else now: a new state object.
        for referrer in self._referrers.get(uuid, ()):
            self._products[referrer] = replace(self._products[referrer])

    def _enter(self, product: Product) -> None:
        if product.identifier is not None:
            self._by_identifier[product.identifier.casefold()] = product.uuid
        for target in targets_of(product):
            self._referrers.setdefault(target, set()).add(product.uuid)

    def _leave(self, product: Product) -> None:
        if product.identifier is not None:
            del self._by_identifier[product.identifier.casefold()]
        for target in targets_of(product):
            self._referrers.get(target, set()).discard(product.uuid)


def targets_of(product: Product) -> set[str]:
    """The uuids that a product is associated with, quantities or not."""
    found = {uuid for uuids in product.associations.values() for uuid in uuids}
    found.update(uuid for parts in product.quantified.values() for uuid, _count in parts)
    return found


def _without(product: Product, uuid: str) -> Product:
    links = {
        kind: tuple(target for target in targets if target != uuid)
        for kind, targets in product.associations.items()
    }
    parts = {
        kind: tuple(part for part in pairs if part[0] != uuid)
        for kind, pairs in product.quantified.items()
    }
    return replace(
        product,
        associations={kind: targets for kind, targets in links.items() if targets},
        quantified={kind: pairs for kind, pairs in parts.items() if pairs},
    )
