"""`export` as CSV and as Parquet."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from itertools import count

import pytest
from pyarrow import parquet

from cli.exports import row_of, write_csv, write_parquet
from pim.json_types import JsonObject, JsonValue
from pim.vocabulary import CatalogKind
from tests.integration.cli.shop_store import Call, Shop, uuid_of
from tests.store_builders import mirror

FIXED = ["uuid", "identifier", "parent", "family", "enabled", "categories", "groups"]


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """One kind of store: it is not asked differently."""
    return sqlite_url


def value(data: JsonValue, locale: str | None = None, scope: str | None = None) -> JsonObject:
    return {"locale": locale, "scope": scope, "data": data}


ODD = 'say "hi",\nor 日本 \u200d'
VALUES: dict[str, list[JsonObject]] = {
    "name": [value("Arc", "en_US"), value(ODD, "de_DE")],
    "note": [value("x", "de_DE", "print"), value("y", None, "shop")],
    "price": [
        value([{"amount": "9.90", "currency": "EUR"}, {"amount": 12, "currency": "USD"}]),
        value([{"amount": "1", "currency": "EUR"}], "de_DE", "print"),
    ],
    "weight": [value({"amount": "1.50", "unit": "KILOGRAM"}, None, "shop")],
    "colours": [value(["red", "blue"])],
    "is_new": [value(True)],  # noqa: FBT003 -- data
    "table": [value([{"part": "arm", "n": 1}])],
    "empty": [value([]), value(None, "de_DE")],
}
CELLS = {
    "name-en_US": "Arc",
    "name-de_DE": ODD,
    "note-de_DE-print": "x",
    "note-shop": "y",
    "price-EUR": "9.90",
    "price-USD": "12",
    "price-de_DE-print-EUR": "1",
    "weight-shop": "1.50",
    "weight-shop-unit": "KILOGRAM",
    "colours": "red,blue",
    "is_new": "1",
    "table": '[{"part":"arm","n":1}]',
}


@pytest.fixture
def filled(shop: Shop) -> Shop:
    """A product with values of each shape, and one with a single value."""
    mirror(shop.store, CatalogKind.ATTRIBUTE, *({"code": code} for code in VALUES))
    mirror(shop.store, CatalogKind.FAMILY, {"code": "lamps"})
    shop.write("A", raw=json.dumps(VALUES), family="lamps", categories=("desk", "sale"))
    shop.write("B", raw='{"length":[{"locale":null,"scope":null,"data":1.50}]}')
    return shop


def table_of(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def export(call: Call, *options: str) -> list[dict[str, str]]:
    result = call("export", "--format", "csv", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    return sorted(table_of(result.stdout), key=lambda row: row["identifier"])


def test_each_product_is_a_row_and_columns_are_spelled_as_in_the_pims_own_exports(
    filled: Shop, call: Call
) -> None:
    assert filled.store is not None
    first, second = export(call)
    assert list(first) == [*FIXED, *sorted([*CELLS, "length"])]
    fixed = [uuid_of("A"), "A", "", "lamps", "1", "desk,sale", ""]
    assert first == dict(zip(FIXED, fixed, strict=True)) | CELLS | {"length": ""}
    assert {name: cell for name, cell in second.items() if cell} == {
        "uuid": uuid_of("B"),
        "identifier": "B",
        "enabled": "1",
        "length": "1.50",
    }


def test_a_date_is_a_day() -> None:
    document: JsonObject = {
        "attributes": {
            "since": {"type": "pim_catalog_date", "values": [value("2026-11-29T00:00:00+00:00")]},
            "text": {"type": "pim_catalog_text", "values": [value("2026-11-29T00:00:00+00:00")]},
        }
    }
    assert row_of(document) == {"since": "2026-11-29", "text": "2026-11-29T00:00:00+00:00"}


def test_columns_may_be_chosen_in_any_order_and_an_empty_one_is_told(
    filled: Shop, call: Call
) -> None:
    assert filled.store is not None
    (first, _) = export(call, "--column", "weight-shop-unit", "--column", "name-en_US")
    assert list(first) == [*FIXED, "weight-shop-unit", "name-en_US"]
    result = call("export", "--format", "csv", "--column", "name")
    assert (result.exit_code, len(table_of(result.stdout))) == (0, 2)
    assert result.stderr == (
        "akeneo-sync: no product has a value in column name; there are name-de_DE, name-en_US\n"
    )
    wrong = call("export", "--format", "csv", "--column", "nam-en_US")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "for --column: there is no attribute 'nam'; did you mean 'name'?" in wrong.stderr


def test_filters_choose_rows_and_columns(filled: Shop, call: Call) -> None:
    assert filled.store is not None
    (row,) = export(call, "--family", "lamps", "--attribute", "name", "--attribute", "price")
    assert list(row)[len(FIXED) :] == [
        *("name-de_DE", "name-en_US", "price-EUR", "price-USD", "price-de_DE-print-EUR")
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+49 30 1", "'+49 30 1"),
        ("-cmd|x", "'-cmd|x"),
        ("\t=1", "'\t=1"),
        ("-1.50", "-1.50"),
        ("+3e5", "+3e5"),
        ("a=1", "a=1"),
        ("'=1", "'=1"),
    ],
)
def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_none(
    shop: Shop, call: Call, text: str, cell: str
) -> None:
    shop.write("A", raw=json.dumps({"name": [value(text)]}))
    assert [row["name"] for row in export(call)] == [cell]
    assert [row["name"] for row in export(call, "--verbatim")] == [text]


def test_an_empty_store_is_a_header(shop: Shop, call: Call) -> None:
    assert shop.store is not None
    assert call("export", "--format", "csv").stdout == f"{','.join(FIXED)}\n"
    result = call("export", "--format", "parquet")
    assert parquet.read_table(io.BytesIO(result.stdout_bytes)).column_names == FIXED


def test_half_of_a_pair_is_shown_as_its_escape(shop: Shop, call: Call) -> None:
    shop.write("A", raw='{"name":[{"locale":null,"scope":null,"data":"a\\ud800"}]}')
    assert [row["name"] for row in export(call)] == ["a\\ud800"]


def test_on_a_terminal_nothing_steers_it() -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    terminal, file = Terminal(), io.BytesIO()
    for sink in (terminal, file):
        write_csv([{"name": "a\x1b[2J\nb"}], ["name"], sink, verbatim=False)
    assert terminal.getvalue() == b'name\n"a\\x1b[2J\nb"\n'
    assert file.getvalue() == b'name\n"a\x1b[2J\nb"\n'


def test_parquet_holds_the_same_cells_and_what_is_empty_is_null(filled: Shop, call: Call) -> None:
    assert filled.store is not None
    result = call("export", "--format", "parquet")
    assert (result.exit_code, result.stderr) == (0, "")
    table = parquet.read_table(io.BytesIO(result.stdout_bytes))
    assert table.column_names == [*FIXED, *sorted([*CELLS, "length"])]
    first, second = sorted(table.to_pylist(), key=lambda row: str(row["identifier"]))
    fixed = [uuid_of("A"), "A", None, "lamps", True, "desk,sale", None]
    assert first == dict(zip(FIXED, fixed, strict=True)) | CELLS | {"length": None}
    assert (second["length"], second["name-en_US"]) == ("1.50", None)


def test_parquet_is_written_group_after_group() -> None:
    """More rows than one group: those before are on their way while the next are read."""
    sink = io.BytesIO()
    early: list[int] = []

    def rows() -> Iterator[dict[str, str | bool]]:
        for number in range(2500):
            early.append(sink.tell())
            yield {"uuid": f"{number} {'x' * 50}"}

    write_parquet(rows(), ["uuid", "enabled"], sink)
    file = parquet.ParquetFile(io.BytesIO(sink.getvalue()))
    assert [file.metadata.row_group(n).num_rows for n in range(3)] == [1000, 1000, 500]
    assert early[999] < early[1000] < early[2000]


def test_parquet_that_breaks_off_is_taken_for_no_table() -> None:
    class Broken(Exception):  # noqa: N818 - no error: what a kill does
        pass

    def rows() -> Iterator[dict[str, str | bool]]:
        for number in count():
            if number == 1500:
                raise Broken
            yield {"uuid": "x"}

    sink = io.BytesIO()
    with pytest.raises(Broken):
        write_parquet(rows(), ["uuid"], sink)
    written = sink.getvalue()
    assert written.startswith(b"PAR1")
    assert not written.endswith(b"PAR1")


def test_without_pyarrow_it_is_said_what_to_install(
    shop: Shop, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.store is not None
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet")
    result = call("export", "--format", "parquet")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "akeneo-sync: Parquet is written by pyarrow, which is not installed; "
        "run `pip install 'akeneo-sync[parquet]'`\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "xml"], "'xml'"),
        (["--column", "name"], "--column is of tables: add --format csv or parquet"),
        (["--format", "csv", "--position"], "go with --format ndjson alone"),
        (["--format", "parquet", "--tombstones"], "go with --format ndjson alone"),
        (["--tombstones", "--family", "lamps"], "--tombstones goes with no filter"),
        (["--verbatim"], "--verbatim is of CSV: add --format csv"),
        (["--format", "parquet", "--verbatim"], "--verbatim is of CSV: add --format csv"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    shop: Shop, call: Call, options: list[str], said: str
) -> None:
    assert shop.store is not None
    result = call("export", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
