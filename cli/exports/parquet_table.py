"""Parquet of products, by pyarrow where it is installed: one row group after the other.

All cells are texts, so that numbers stand as the source wrote them; but for `enabled`, a truth.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from cli.exports.cells import Row
from cli.guard import CommandError

_GROUP = 1000  # rows that are in memory at once


class _Sink:
    """A file for pyarrow, which ends a file that breaks off as if it were whole: not this one."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self.is_broken = False
        self.closed = False

    def write(self, data: Any) -> None:
        if not self.is_broken:
            self._sink.write(data)

    def flush(self) -> None:
        if not self.is_broken:
            self._sink.flush()

    def close(self) -> None:
        self.closed = True


def check_parquet() -> None:
    """Look whether Parquet can be written.

    Raises:
        CommandError: what it takes is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415 -- heavy, and not everybody has it
    except ImportError as error:
        told = "Parquet is written by pyarrow, which is not installed"
        raise CommandError(f"{told}; run `pip install 'akeneo-sync[parquet]'`") from error


def write_parquet(rows: Iterable[Row], columns: Sequence[str], sink: BinaryIO) -> None:
    """Write the rows' cells of these columns, in this order.

    What breaks off lacks its end, and no reader takes it for a table.
    """
    import pyarrow as pa  # noqa: PLC0415 -- heavy, and not everybody has it
    from pyarrow.parquet import ParquetWriter  # noqa: PLC0415 -- same

    kinds = [pa.bool_() if name == "enabled" else pa.string() for name in columns]
    schema = pa.schema([*zip(columns, kinds, strict=True)])
    file = _Sink(sink)
    try:
        writer = ParquetWriter(file, schema)
        for group in _groups(rows):
            cells = [
                pa.array([row.get(name) for row in group], kind)
                for name, kind in zip(columns, kinds, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(cells, schema=schema))
        writer.close()
    except BaseException:
        file.is_broken = True
        raise


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while group := list(islice(left, _GROUP)):
        yield group
