"""`akeneo-sync export`."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import orjson
import typer

from cli.commands.readers.filtering import (
    Attributes,
    Categories,
    Channels,
    Families,
    Locales,
    read_filter,
    refused_codes,
)
from cli.exports import FIXED, Row, attribute_of, check_parquet, row_of, write_csv, write_parquet
from cli.guard import say_lines
from cli.opening import opened_store, read_settings
from cli.output import print_line
from cli.progress import counted
from pim.canonical import load_json
from pim.document import Narrowing
from pim.json_types import as_object
from storage import Transaction
from storage.products import ExportedProduct, export_products, read_bounds
from storage.views import ReaderFilter, resolve_filter

_MOST_COLUMNS = 6  # in one line


class Format(StrEnum):
    """How products are written."""

    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"


def run(
    *,
    form: Annotated[
        Format, typer.Option("--format", help="One JSON object a line, or a table.")
    ] = Format.NDJSON,
    channel: Channels = None,
    locale: Locales = None,
    family: Families = None,
    category: Categories = None,
    attribute: Attributes = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Of a table: this column, name-en_US say, in place of all that have any value.",
        ),
    ] = None,
    verbatim: Annotated[
        bool,
        typer.Option(
            "--verbatim", help="Of CSV: no apostrophe before texts that look like formulas."
        ),
    ] = False,
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
    """Stream the stored products to stdout, in constant memory."""
    wanted = read_filter(channel, locale, family, category, attribute)
    columns = column or []
    _check_options(
        form, wanted, columns, verbatim=verbatim, tombstones=tombstones, position=position
    )
    if form is Format.PARQUET:
        check_parquet()
    with opened_store(read_settings()) as store, store.read() as tx, refused_codes():
        _, end = read_bounds(tx)  # of the one snapshot that all the products are of
        narrowing = resolve_filter(tx, wanted)
        if form is Format.NDJSON:
            products = export_products(tx, tombstones=tombstones, narrowing=narrowing)
            _write_lines(counted(products, "products"))
        else:
            _write_table(tx, form, narrowing, columns, verbatim=verbatim)
        if position:
            print_line(f'{{"position":{end}}}')


def _check_options(
    form: Format,
    wanted: ReaderFilter,
    columns: list[str],
    *,
    verbatim: bool,
    tombstones: bool,
    position: bool,
) -> None:
    """Refuse what does not go together, before anything is written.

    Raises:
        typer.BadParameter: two options contradict each other.
    """
    if form is Format.NDJSON and columns:
        raise typer.BadParameter("--column is of tables: add --format csv or parquet")
    if form is not Format.CSV and verbatim:
        raise typer.BadParameter("--verbatim is of CSV: add --format csv")
    if form is not Format.NDJSON and (tombstones or position):
        raise typer.BadParameter("--tombstones and --position go with --format ndjson alone")
    if tombstones and any(wanted.references()):
        raise typer.BadParameter("--tombstones goes with no filter: what is deleted is in none")
    if form is Format.PARQUET and sys.stdout.isatty():
        raise typer.BadParameter("Parquet is no text: send it to a file, > products.parquet")


def _write_lines(products: Iterator[ExportedProduct]) -> None:
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


def _write_table(
    tx: Transaction, form: Format, narrowing: Narrowing, chosen: list[str], *, verbatim: bool
) -> None:
    """Write a table; without columns chosen, the products are read twice: which ones there are."""
    named = [name for name in chosen if name not in FIXED]
    with refused_codes("--column"):
        resolve_filter(tx, ReaderFilter(attributes=tuple(map(attribute_of, named))))
    columns = [*FIXED, *(dict.fromkeys(named) if chosen else _find_columns(tx, narrowing))]
    seen = set(FIXED)
    rows = _seeing(_read_rows(tx, narrowing, "products"), seen)
    if form is Format.CSV:
        write_csv(rows, columns, sys.stdout.buffer, verbatim=verbatim)
    else:
        write_parquet(rows, columns, sys.stdout.buffer)
    say_lines([_tell_empty(name, seen) for name in columns if name not in seen])


def _find_columns(tx: Transaction, narrowing: Narrowing) -> list[str]:
    found: set[str] = set()
    for row in _read_rows(tx, narrowing, "products looked through for columns"):
        found.update(row)
    return sorted(found.difference(FIXED))


def _read_rows(tx: Transaction, narrowing: Narrowing, what: str) -> Iterator[Row]:
    for product in counted(export_products(tx, narrowing=narrowing), what):
        yield row_of(as_object(load_json(product.document or "{}")))


def _seeing(rows: Iterator[Row], seen: set[str]) -> Iterator[Row]:
    """Pass rows on, and note which columns have any value."""
    for row in rows:
        seen.update(row)
        yield row


def _tell_empty(name: str, seen: set[str]) -> str:
    own = [column for column in sorted(seen) if attribute_of(column) == attribute_of(name)]
    hint = f"; there are {', '.join(own[:_MOST_COLUMNS])}" if own else ""
    return f"no product has a value in column {name}{hint}"
