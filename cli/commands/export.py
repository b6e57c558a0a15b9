"""`akeneo-sync export`."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import orjson
import typer

from cli.opening import opened_store, read_settings
from cli.progress import counted
from settings import visible_json
from storage.products import ExportedProduct, export_products


def run(
    *,
    tombstones: Annotated[
        bool, typer.Option("--tombstones", help="Deleted products too, as tombstones.")
    ] = False,
) -> None:
    """Stream the stored products to stdout, one JSON object a line, in constant memory."""
    with opened_store(read_settings()) as store, store.read() as tx:
        _write(counted(export_products(tx, tombstones=tombstones), "products"))


def _write(products: Iterator[ExportedProduct]) -> None:
    # Bytes: the terminal's encoding must not decide what an export may hold. And one line for
    # every reader: some end lines at U+2028 or U+0085, too.
    stdout = sys.stdout.buffer
    for product in products:
        stdout.write(visible_json(_with_own_updated(product).line()).encode())
        stdout.write(b"\n")
    stdout.flush()


def _with_own_updated(product: ExportedProduct) -> ExportedProduct:
    """Return the product with `updated` in the offset the source wrote; the store keeps UTC."""
    if product.document is None:
        return product
    try:
        written = datetime.fromisoformat(str(orjson.loads(product.document).get("updated")))
    except ValueError:
        return product
    return replace(product, updated=written) if written.tzinfo is not None else product
