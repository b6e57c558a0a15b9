"""Tables of products, for who takes no JSON: which columns there are, and how a cell is written.

Outside, rows are made of exported products, and written as CSV or Parquet.
"""

from cli.exports.cells import FIXED, Row, attribute_of, row_of
from cli.exports.csv_table import write_csv
from cli.exports.parquet_table import check_parquet, write_parquet

__all__ = [
    "FIXED",
    "Row",
    "attribute_of",
    "check_parquet",
    "row_of",
    "write_csv",
    "write_parquet",
]
