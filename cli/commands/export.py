"""`akeneo-sync export`."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from cli.context import read_settings
from cli.progress import counted
from cli.store import opened_store
from storage.export import ExportedProduct, export_products


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
    # Bytes: the terminal's encoding must not decide what an export may hold.
    stdout = sys.stdout.buffer
    for product in products:
        stdout.write(product.line().encode())
        stdout.write(b"\n")
    stdout.flush()
