"""The store's size beside what it stores, and the time of its writes beside bare ones.

A simulated PIM's products are mirrored by a full reconcile. The measure of size are the bytes of
both texts of each product: the source's answer, and the document. The measure of time are bare
inserts of these texts into a table of the same database, in transactions of as many products: no
references, no change rows, no order guard. On SQLite, or on an empty PostgreSQL database:

    python bench/store_size.py [--products 2000] [--enterprise] [--url postgresql://...]
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from bench.first_reconcile import TOKEN, simulated_pim
from flows.sweeps.run import ReconcileRequest, run_reconcile
from pim.document import CatalogParts, Draft
from pim.ids import OrderNumber
from pim.product import parse_product
from pim.reads import ProductRead, ReadInterval
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Identity
from settings import load_settings
from simulator.config import SimulatorConfig
from storage import Store, Transaction, migrate, open_store
from storage.catalog import load_snapshot
from storage.database import in_slices, read_object, write_json
from storage.products import Cause, ProductWrite, write_products
from storage.tables import METADATA

RESULTS = Path(__file__).parent / "results" / "store_size.json"
WRITTEN = 1000
A_WRITE = 25  # products a transaction

_TABLES = {
    True: "SELECT coalesce(s.tbl_name, d.name), sum(d.pgsize) FROM dbstat d"
    " LEFT JOIN sqlite_schema s ON s.name = d.name GROUP BY 1",
    False: "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace",
}
"""Bytes of each table with its indexes, by whether it is SQLite."""

_TEXTS = {
    True: "SELECT sum(length(CAST(source AS BLOB)) + length(CAST(document AS BLOB)))"
    " FROM product_content",
    False: "SELECT sum(octet_length(source::text) + octet_length(document::text))"
    " FROM product_content",
}


def reconcile(pim_url: str, database_url: str, folder: Path) -> None:
    """Fill an empty store by the command's own way."""
    settings = load_settings(
        {
            "AKENEO_BASE_URL": pim_url,
            "AKENEO_ACCESS_TOKEN": TOKEN,
            "AKENEO_WEBHOOK_SECRETS": "none-comes",
            "SYNC_DATABASE_URL": database_url,
        },
        root=folder,
    )
    migrate(settings.database_url)
    report = asyncio.run(run_reconcile(settings, ReconcileRequest(full=True)))
    if report.failed:
        raise SystemExit(f"not whole: {report.failed[:3]}")


def measure_sizes(store: Store) -> dict[str, object]:
    """Bytes of the tables, a product and beside the texts."""
    with store.read() as tx:
        tables = {name: int(size) for name, size in tx.execute(text(_TABLES[store.is_sqlite]))}
        texts = int(tx.execute(text(_TEXTS[store.is_sqlite])).scalar_one())
        products = int(tx.execute(text("SELECT count(*) FROM product")).scalar_one())
    references = sum(size for name, size in tables.items() if "reference" in name)
    return {
        "products": products,
        "bytes_of_references_a_product": round(references / products),
        "bytes_of_texts_a_product": round(texts / products),
        "ratio_size": round(sum(tables.values()) / texts, 3),
        "tables": {name: size for name, size in sorted(tables.items()) if size > products},
    }


def read_writes(store: Store) -> list[ProductWrite]:
    """The first products of the store as a sweep would write them, with documents."""
    sources = text("SELECT source FROM product_content ORDER BY key LIMIT :n")
    items = text("SELECT kind, parent, code FROM catalog_item")
    with store.read() as tx:
        known = [
            Reference(CatalogKind(row.kind), row.parent, row.code) for row in tx.execute(items)
        ]
        parts = CatalogParts(load_snapshot(tx, known))
        products = [
            parse_product(read_object(source), identity=Identity.UUID, main_identifier="sku")
            for source in tx.execute(sources, {"n": WRITTEN}).scalars()
        ]
    now = OrderNumber(10**9)  # later than any read
    interval = ReadInterval(now, now, datetime.now(UTC))
    return [
        ProductWrite(ProductRead(each.key, interval, each), Draft(each, parts).render())
        for each in products
    ]


def measure_writes(store: Store) -> dict[str, object]:
    """Seconds of writing products into the emptied store, anew, again alike, and barely."""
    writes = read_writes(store)
    with store.transaction() as tx:
        names = [table.name for table in METADATA.sorted_tables]
        emptied = [name for name in names if name.startswith(("product", "reference"))]
        for name in reversed(emptied):
            tx.execute(text(f"DELETE FROM {name}"))
        tx.execute(text("CREATE TABLE bare (key TEXT PRIMARY KEY, source TEXT, document TEXT)"))
    anew = _time(store, writes, _write)
    again = _time(store, [_read_later(each) for each in writes], _write)
    bare = _time(store, writes, _insert_barely)
    with store.transaction() as tx:
        tx.execute(text("DROP TABLE bare"))
    return {
        "written": len(writes),
        "seconds_anew": round(anew, 3),
        "seconds_again": round(again, 3),
        "seconds_barely": round(bare, 3),
        "ratio_anew": round(anew / bare, 1),
        "ratio_again": round(again / bare, 1),
    }


def _read_later(write: ProductWrite) -> ProductWrite:
    number = OrderNumber(write.read.interval.read_to + 1)
    interval = ReadInterval(number, number, datetime.now(UTC))
    return replace(write, read=replace(write.read, interval=interval))


def _write(tx: Transaction, writes: Sequence[ProductWrite]) -> None:
    write_products(tx, writes, cause=Cause("benchmark"), now=datetime.now(UTC))


def _insert_barely(tx: Transaction, writes: Sequence[ProductWrite]) -> None:
    rows = [
        {
            "key": each.read.key,
            "source": write_json(each.read.product.body),
            "document": write_json(each.document.body),
        }
        for each in writes
        if each.read.product is not None and each.document is not None
    ]
    tx.execute(text("INSERT INTO bare VALUES (:key, :source, :document)"), rows)


def _time(
    store: Store,
    writes: Sequence[ProductWrite],
    work: Callable[[Transaction, Sequence[ProductWrite]], None],
) -> float:
    began = time.perf_counter()
    for some in in_slices(writes, A_WRITE):
        with store.transaction() as tx:
            work(tx, some)
    return time.perf_counter() - began


def measure(config: SimulatorConfig, database_url: str | None = None) -> dict[str, object]:
    """All figures of one run; without an address on SQLite."""
    with simulated_pim(config) as pim_url, tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite:///{folder}/store.db"
        reconcile(pim_url, url, Path(folder))
        with closing(open_store(url)) as store:
            return (
                {"database": store.engine.dialect.name}
                | measure_sizes(store)
                | measure_writes(store)
            )


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--products", type=int, default=2000)
    parser.add_argument("--enterprise", action="store_true", help="with models, records and assets")
    parser.add_argument("--url", help="of an empty PostgreSQL database")
    asked = parser.parse_args()
    config = SimulatorConfig(port=0, products=asked.products, app_token=TOKEN)
    if asked.enterprise:
        tenth = asked.products // 10
        config = replace(config, edition="EE", models=tenth, records=2 * tenth, assets=2 * tenth)
    figures = measure(config, asked.url)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(
        f"{figures['products']} products on {figures['database']}: the store takes "
        f"{figures['ratio_size']} x the bytes of source and document (budget 1.3), references "
        f"{figures['bytes_of_references_a_product']} bytes a product (budget 1,024); "
        f"{figures['written']} products are written anew in {figures['seconds_anew']} s and again, "
        f"alike, in {figures['seconds_again']} s: {figures['ratio_anew']} and "
        f"{figures['ratio_again']} x the time of bare inserts of both texts"
    )


if __name__ == "__main__":
    main()
