"""References by numbers, and their users as bits: carried over some products at a time.

From the first step on the former table has another name: what an older worker would write of a
product that is carried over already would be lost. Its runs fail, and what they had stays due.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.tables import NumberSet

revision = "0016_references"
down_revision = "0015_webhooks"
branch_labels = None
depends_on = None

PRODUCTS = 100  # a step: about 50 ms
_BITS = 63
_WORDS = ("places_0", "places_1", "places_2", "places_3")
_BLOCK = _BITS * len(_WORDS)
_NAME = ("kind", "parent_key", "code_key")

_FORMER = sa.table("product_reference_former", *map(sa.column, (*_NAME, "product_key")))
_NAMES = sa.table("reference_name", *map(sa.column, ("id", *_NAME)))
_PLACES = sa.table(
    "reference_place",
    *map(sa.column, ("block", "place", "product_key")),
    sa.column("names", NumberSet),
)


def carry(position: str | None) -> str | None:
    """One step: begin, or the next products by key. Answers the last one's key."""
    if position is None:
        _make_tables()
        op.rename_table("product_reference", _FORMER.name)
        return "" if _list_keys("") else None
    keys = _list_keys(position)
    if not keys:
        return None
    some = sa.and_(_FORMER.c.product_key > position, _FORMER.c.product_key <= keys[-1])
    _number_names(some)
    _write(_read_numbers(some))
    if op.get_bind().dialect.name == "sqlite":
        # A table is dropped page by page there: it has to be empty by then.
        op.get_bind().execute(sa.delete(_FORMER).where(some))
    return keys[-1]


def _list_keys(after: str) -> list[str]:
    keys = sa.select(_FORMER.c.product_key).where(_FORMER.c.product_key > after).distinct()
    listed = keys.order_by(_FORMER.c.product_key).limit(PRODUCTS)
    return list(op.get_bind().execute(listed).scalars())


def _is_same(names: Any, others: Any) -> sa.ColumnElement[bool]:
    return sa.and_(*(names.c[part] == others.c[part] for part in _NAME))


def _number_names(some: sa.ColumnElement[bool]) -> None:
    known = sa.exists(sa.select(1).where(_is_same(_NAMES, _FORMER)))
    new = sa.select(*(_FORMER.c[part] for part in _NAME)).where(some, ~known).distinct()
    op.get_bind().execute(sa.insert(_NAMES).from_select(_NAME, new.order_by(*_NAME)))


def _read_numbers(some: sa.ColumnElement[bool]) -> dict[str, set[int]]:
    numbered = (
        sa.select(_FORMER.c.product_key, _NAMES.c.id)
        .join(_NAMES, _is_same(_NAMES, _FORMER))
        .where(some)
    )
    names: defaultdict[str, set[int]] = defaultdict(set)
    for key, number in op.get_bind().execute(numbered):
        names[key].add(number)
    return names


def _write(names: dict[str, set[int]]) -> None:
    last = sa.select(_PLACES.c.block, _PLACES.c.place).order_by(
        _PLACES.c.block.desc(), _PLACES.c.place.desc()
    )
    newest = op.get_bind().execute(last.limit(1)).one_or_none()
    first = 0 if newest is None else newest.block * _BLOCK + newest.place + 1
    places, bits = [], defaultdict[tuple[int, int], int](int)
    for number, key in enumerate(sorted(names), first):
        block, place = divmod(number, _BLOCK)
        places.append({"block": block, "place": place, "product_key": key})
        places[-1]["names"] = frozenset(names[key])
        for name in names[key]:
            bits[name, block] |= 1 << place
    op.get_bind().execute(sa.insert(_PLACES), places)
    _write_users((*key, *_words(users)) for key, users in sorted(bits.items()))


def _words(bits: int) -> list[int]:
    return [bits >> _BITS * number & (2**_BITS - 1) for number in range(len(_WORDS))]


def _write_users(rows: Iterable[tuple[int, ...]]) -> None:
    connection = op.get_bind()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(
        f"INSERT INTO reference_user (name, block, {', '.join(_WORDS)})"
        f" VALUES ({', '.join([mark] * (2 + len(_WORDS)))})"
        " ON CONFLICT (name, block) DO UPDATE SET "
        + ", ".join(f"{word} = reference_user.{word} | excluded.{word}" for word in _WORDS),
        [*rows],
    )


def _make_tables() -> None:
    op.create_table(
        "reference_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_key", sa.Text(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_name")),
        sa.UniqueConstraint(*_NAME, name=op.f("uq_reference_name_kind")),
    )
    op.create_table(
        "reference_place",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("product_key", sa.Text(), nullable=False),
        sa.Column("names", NumberSet(), nullable=False),
        sa.PrimaryKeyConstraint("block", "place", name=op.f("pk_reference_place")),
        sa.UniqueConstraint("product_key", name=op.f("uq_reference_place_product_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reference_user",
        sa.Column("name", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(word, sa.BigInteger(), nullable=False) for word in _WORDS),
        sa.PrimaryKeyConstraint("name", "block", name=op.f("pk_reference_user")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE reference_user SET (fillfactor = 70)")


def upgrade() -> None:
    """After `carry`."""
    op.drop_table(_FORMER.name)


def downgrade() -> None:
    former = op.create_table(
        "product_reference",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*_NAME, "product_key")),
        sa.PrimaryKeyConstraint(*_NAME, "product_key", name=op.f("pk_product_reference")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_product_reference_product", "product_reference", ["product_key"], unique=False
    )
    connection = op.get_bind()
    names = {row.id: row for row in connection.execute(sa.select(_NAMES))}
    for row in connection.execute(sa.select(_PLACES.c.product_key, _PLACES.c.names)).all():
        key = {"product_key": row.product_key}
        used = [{part: getattr(names[each], part) for part in _NAME} | key for each in row.names]
        if used:
            connection.execute(sa.insert(former), used)
    for table in ("reference_user", "reference_place", "reference_name"):
        op.drop_table(table)
