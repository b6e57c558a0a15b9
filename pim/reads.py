"""Results of asking the source about products, models and items."""

from dataclasses import dataclass
from datetime import datetime

from pim.errors import SourceError
from pim.ids import OrderNumber, ProductKey
from pim.product import SourceProduct
from pim.structure import CatalogItem, Reference


@dataclass(frozen=True, slots=True)
class ReadInterval:
    """When a read happened, in the store's order and on the source's clock.

    `read_from` was drawn just before the request went out, `read_to` after its answer had arrived;
    the source served the answer somewhere between. `read_at` is when the request was sent, on the
    source's clock (its Date header minus the elapsed time), aware UTC.
    """

    read_from: OrderNumber
    read_to: OrderNumber
    read_at: datetime


@dataclass(frozen=True, slots=True)
class ProductRead:
    """The state of one product as read; `product` None is a confirmed absence."""

    key: ProductKey
    interval: ReadInterval
    product: SourceProduct | None


@dataclass(frozen=True, slots=True)
class FailedRead:
    """One product that could not be read although the source works; `error` says why."""

    key: ProductKey
    error: SourceError


class Reads(tuple[ProductRead | FailedRead, ...]):
    """What came of asking for several products: one result each, in the order asked."""

    __slots__ = ()

    @property
    def read(self) -> list[ProductRead]:
        """Those that the source told of, there or absent."""
        return [each for each in self if isinstance(each, ProductRead)]

    @property
    def found(self) -> list[ProductRead]:
        """Those that are there."""
        return [each for each in self.read if each.product is not None]

    @property
    def absent(self) -> list[ProductRead]:
        """Those that the source does not have."""
        return [each for each in self.read if each.product is None]

    @property
    def failed(self) -> list[FailedRead]:
        """Those that could not be read."""
        return [each for each in self if isinstance(each, FailedRead)]


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One page of a listing.

    `failed` are items that could not be parsed, or that no page could show just before this one
    (`key` "" where nothing told which). `next_position` resumes the listing behind this page (None:
    it was the last); `source_time` is the source's clock when the page was asked for, equal to
    `interval.read_at`, and there for an empty page too. `odd`: what was wrong with the listing, and
    did not keep it from being read.
    """

    reads: tuple[ProductRead, ...]
    next_position: str | None
    source_time: datetime
    interval: ReadInterval
    failed: tuple[FailedRead, ...] = ()
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemRead:
    """The state of one item of the structure as read; `item` None is an absence.

    The items of one page share their interval.
    """

    reference: Reference
    interval: ReadInterval
    item: CatalogItem | None


@dataclass(frozen=True, slots=True)
class FailedItem:
    """One item that could not be read although the source works; `error` says why."""

    reference: Reference
    error: SourceError


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One page of a listing of items, as `ProductPage` is one of products."""

    reads: tuple[ItemRead, ...]
    next_position: str | None
    interval: ReadInterval
    failed: tuple[FailedItem, ...] = ()
    odd: tuple[str, ...] = ()
