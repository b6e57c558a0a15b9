"""What could be read and not written is told of, wherever it was found, and looked at again."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from flows.approval import approve_deletions
from flows.run import Session
from flows.sweeps.delta import DELTA
from flows.sweeps.look_again import look_again_at_held
from flows.sweeps.orphans import confirm_absences, delete_absent
from flows.sweeps.products import sweep_products
from flows.sweeps.report import ReconcileReport
from flows.sweeps.sweep import FULL, Listing, Sweep
from flows.write_path import UNDECIDED, work_off_marks, write_reads
from pim.errors import SourceServerError
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.product import SourceProduct
from pim.reads import FailedRead, ProductPage, Reads
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store, open_store
from storage.catalog import open_marks
from storage.catalog.marks import leave_marks
from storage.products import list_holds
from storage.state import read_watermark
from storage.tables import Product, table_of
from tests.hiding_source import KEYS, PRODUCTS, Hours, Source, session_of
from tests.integration.flows.fault_scene import some, toggle
from tests.shop import Shop
from tests.store_builders import absent, body_of, deliver, live, make_event, uuid_of, write

pytestmark = pytest.mark.anyio

FAR = 10**9
"""A read that ends there overlaps with all that a test makes."""

MODEL = Reference(CatalogKind.PRODUCT_MODEL, "", "lamp")


@dataclass
class Fickle(Source):
    """Shows all products otherwise than they are stored, and fails at the reads of some."""

    failing: set[int] = field(default_factory=set)

    async def read_products(
        self, keys: Sequence[ProductKey], *, identifiers: Mapping[ProductKey, str]
    ) -> Reads:
        reads = await super().read_products(keys, identifiers=identifiers)
        failed = {key: FailedRead(key, SourceServerError("no")) for key in keys}
        return Reads(failed[read.key] if KEYS[read.key] in self.failing else read for read in reads)

    async def read_alone(
        self, keys: Sequence[ProductKey], *, identifiers: Mapping[ProductKey, str] | None
    ) -> Reads:
        assert identifiers is None
        return Reads(self.read(KEYS[key]) for key in keys)


@dataclass
class Paged(Fickle):
    """Lists in two pages."""

    async def product_pages(
        self, *, search: JsonObject | None = None, position: str | None = None
    ) -> AsyncIterator[ProductPage]:
        (page,) = [page async for page in super().product_pages(search=search)]
        if position is None:
            yield replace(page, reads=page.reads[:30], next_position="the second half")
        yield replace(page, reads=page.reads[30:])

    async def count_products(self, *, search: JsonObject | None = None) -> int | None:
        assert search is None
        return None


@pytest.fixture
def filled(sqlite_url: str) -> Iterator[Store]:
    """A store of sixty products, all of one model."""
    with closing(open_store(sqlite_url)) as store:
        for start in range(0, PRODUCTS, 20):
            numbers = [store.draw_number() for _ in range(20)]
            products = [body_of(start + at, parent="lamp") for at in range(20)]
            both = zip(products, numbers, strict=True)
            write(store, *(live(body, n, n, references=frozenset({MODEL})) for body, n in both))
        yield store


@pytest.fixture
def source(filled: Store) -> Fickle:
    return Fickle(filled)


@pytest.fixture
def session(filled: Store, source: Fickle) -> Session:
    return session_of(filled, source, Hours())


@pytest.fixture
def sweep(session: Session) -> Sweep:
    return Sweep(session, ReconcileReport("delta", dry_run=False))


def blur(store: Store, *keys: str, until: int = FAR) -> None:
    """Let the stored reads of these products overlap with every other that is to come."""
    product = table_of(Product)
    with store.transaction() as tx:
        tx.execute(update(product).where(product.c.key.in_(keys)).values(read_to=until))


def spoil(session: Session, *products: int) -> Session:
    """A session that cannot render these."""
    render = session.catalog.render
    spoilt = {uuid_of(product) for product in products}

    async def fail(asked: Sequence[SourceProduct], *, fresh: bool) -> Mapping[ProductKey, object]:
        if spoilt & {each.key for each in asked}:
            raise ValueError("of a shape that nobody knows")
        return await render(asked, fresh=fresh)

    return replace(session, catalog=SimpleNamespace(render=fail))  # type: ignore[arg-type]


async def sight(session: Session, *products: int) -> None:
    """A drain finds these absent, by events that announce no removal."""
    numbers = {product: session.store.draw_number() for product in products}
    await write_reads(session, [absent(product, n, n) for product, n in numbers.items()])


def held(store: Store) -> set[int]:
    with store.read() as tx:
        return {KEYS[hold.key] for hold in list_holds(tx)}


def told(failed: Collection[tuple[ProductKey, str]]) -> dict[int, str]:
    return {KEYS[key]: why for key, why in failed}


async def test_a_held_product_that_is_shown_again_and_cannot_be_rendered_is_named_and_stays_held(
    filled: Store, source: Fickle, session: Session
) -> None:
    source.hidden = {5, 6}
    await sight(session, 5)
    source.hidden = set()
    sweep = Sweep(spoil(session, 5), ReconcileReport("delta", dry_run=False))
    await look_again_at_held(sweep)
    assert "cannot be rendered" in told(sweep.report.failed)[5]
    assert held(filled) == {5}
    await look_again_at_held(Sweep(session, ReconcileReport("delta", dry_run=False)))
    assert held(filled) == set()


async def test_a_held_deletion_that_cannot_be_decided_now_is_named(
    filled: Store, source: Fickle, sweep: Sweep
) -> None:
    source.hidden = {5, 6}
    await sight(sweep.session, 5)
    blur(filled, uuid_of(5))
    deliver(filled, make_event(6, action="product.removed"))
    await look_again_at_held(sweep)
    assert UNDECIDED in told(sweep.report.failed)[5]
    assert held(filled) == {5}


async def test_a_listed_product_that_cannot_be_decided_now_keeps_the_watermark_where_it_is(
    filled: Store, session: Session
) -> None:
    blur(filled, uuid_of(5))
    first, second = (Sweep(session, ReconcileReport("full", dry_run=False)) for _ in range(2))
    await sweep_products(first)
    assert UNDECIDED in told(first.report.failed)[5]
    with filled.read() as tx:
        assert read_watermark(tx, [FULL]) is None
    blur(filled, uuid_of(5), until=filled.draw_number())
    await sweep_products(second)
    assert not second.report.failed
    with filled.read() as tx:
        assert read_watermark(tx, [FULL]) is not None


async def test_a_run_that_goes_on_knows_what_the_one_before_could_not_decide(
    filled: Store,
) -> None:
    session, changed = session_of(filled, Paged(filled), Hours()), Listing(DELTA, whole=False)
    blur(filled, uuid_of(5))

    def stop(_done: int, _total: int | None, _what: str) -> None:
        raise RuntimeError("killed after its first page")

    first = Sweep(session, ReconcileReport("delta", dry_run=False), progress=stop)
    with pytest.raises(RuntimeError, match="killed"):
        await sweep_products(first, changed)
    second = Sweep(session, ReconcileReport("delta", dry_run=False))
    await sweep_products(second, changed)
    assert second.report.products == PRODUCTS - 30
    with filled.read() as tx:
        assert read_watermark(tx, [DELTA]) is None


async def test_an_orphan_that_cannot_be_decided_now_is_looked_at_again(
    filled: Store, source: Fickle, sweep: Sweep
) -> None:
    source.hidden = {5}
    keys = [ProductKey(uuid_of(product)) for product in (5, 6, 7)]
    blur(filled, *keys[:2])
    await delete_absent(sweep, await confirm_absences(sweep, keys))
    assert all(UNDECIDED in why for why in told(sweep.report.failed).values())
    assert sweep.left_out == set(keys[:2])


async def test_users_of_what_was_removed_are_told_of_until_all_were_read(
    filled: Store, source: Fickle, session: Session
) -> None:
    with filled.transaction() as tx:
        leave_marks(tx, [MODEL], version=1, removed=True)
    many = set(range(2, 26))  # more than an hour allows
    source.failing, source.hidden = {40}, {*many, 43}
    blur(filled, uuid_of(41))
    deliver(filled, make_event(43, action="product.removed"))
    report = await work_off_marks(session)
    behind = told(report.behind)
    assert behind.keys() == {40, 41}
    assert "no" in behind[40]
    assert UNDECIDED in behind[41]
    assert (report.touched, report.held, held(filled)) == (PRODUCTS, len(many), many)
    with filled.read() as tx:
        assert len(open_marks(tx)) == 1

    source.failing, source.hidden = set(), {43}
    blur(filled, uuid_of(41), until=filled.draw_number())
    report = await work_off_marks(session)
    assert (report.touched, report.held, report.behind) == (len(many) + 2, 0, [])
    with filled.read() as tx:
        assert not open_marks(tx)


async def test_an_approved_deletion_that_cannot_be_decided_now_is_said_to_the_person(
    shop: Shop,
) -> None:
    await shop.reconcile()
    hidden = shop.control("rights", {"hidden_share": 0.45})["hidden"]
    assert isinstance(hidden, list)
    await shop.reconcile()
    first, second = (ProductKey(str(uuid)) for uuid in hidden[:2])
    blur(shop.store, first)
    report = await approve_deletions(shop.settings, [first, second])
    assert report.deleted == [second]
    ((key, why),) = report.failed
    assert key == first
    assert UNDECIDED in why


async def test_a_product_asked_for_by_name_that_cannot_be_decided_now_is_named(
    shop: Shop,
) -> None:
    await shop.reconcile()
    (uuid,) = some(shop, 1)
    toggle(shop, [uuid], silent=True)
    blur(shop.store, uuid)
    report = await shop.reconcile(key=uuid)
    ((key, why),) = report.failed
    assert key == uuid
    assert UNDECIDED in why
    assert report.repaired == 0
