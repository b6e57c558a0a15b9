"""`akeneo-sync export`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import orjson
import typer

from cli.opening import opened_store, read_settings
from cli.output import print_line
from cli.progress import counted
from storage.products import ExportedProduct, export_products, read_bounds


def run(
    *,
    tombstones: Annotated[
        bool, typer.Option("--tombstones", help="Deleted products too, as tombstones.")
    ] = False,
    position: Annotated[
        bool,
        typer.Option(
            "--position", help="A last line with the feed's position, for `changes --after`."
        ),
    ] = False,
) -> None:
    """Stream the stored products to stdout, one JSON object a line, in constant memory."""
    with opened_store(read_settings()) as store, store.read() as tx:
        _, end = read_bounds(tx)  # of the one snapshot that all the products are of
        _write(counted(export_products(tx, tombstones=tombstones), "products"))
        if position:
            print_line(f'{{"position":{end}}}')


def _write(products: Iterator[ExportedProduct]) -> None:
    for product in products:
        print_line(_with_own_updated(product).line())


def _with_own_updated(product: ExportedProduct) -> ExportedProduct:
    """Return the product with `updated` in the offset the source wrote; the store keeps UTC."""
    if product.document is None:
        return product
    try:
        written = datetime.fromisoformat(str(orjson.loads(product.document).get("updated")))
    except ValueError:
        return product
    return replace(product, updated=written) if written.tzinfo is not None else product
