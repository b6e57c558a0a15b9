"""Users of a name, as SQL: conditions for statements about marks and products.

The way from a name to its users goes by its number, the blocks in which it has any, and the bits of
those blocks' places: always by an index, and exactly.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, case, exists, or_, select, true

from pim.ids import ProductKey
from storage.database import Transaction
from storage.tables import BITS, WORDS, ReferenceName, ReferencePlace, ReferenceUser, table_of

NAME = table_of(ReferenceName)
PLACE = table_of(ReferencePlace)
USER = table_of(ReferenceUser)

Text = ColumnElement[str] | str

_FEW = 5000

ORDER = (USER.c.block, PLACE.c.place)
"""The order of users: that in which they first came."""


def is_name(kind: Text, parent_key: Text, code_key: Text) -> ColumnElement[bool]:
    """Whether `NAME` is this one (keys casefolded)."""
    return and_(NAME.c.kind == kind, NAME.c.parent_key == parent_key, NAME.c.code_key == code_key)


def is_user() -> ColumnElement[bool]:
    """Whether the product at `PLACE` uses `NAME`."""
    return and_(_at_place(), _bit() == 1)


def _at_place() -> ColumnElement[bool]:
    return and_(USER.c.name == NAME.c.id, PLACE.c.block == USER.c.block)


def _bit() -> ColumnElement[int]:
    word = case(
        *(
            (
                PLACE.c.place < number * BITS + BITS,
                USER.c[name].bitwise_rshift(PLACE.c.place - number * BITS),
            )
            for number, name in enumerate(WORDS)
        )
    )
    return word.bitwise_and(1)


def is_used(kind: Text, parent_key: Text, code_key: Text) -> ColumnElement[bool]:
    """Whether any product uses a name."""
    used = select(1).where(is_name(kind, parent_key, code_key), USER.c.name == NAME.c.id)
    return exists(used)


def users_of(kind: str, parent_key: str, code_key: str) -> Select[Any]:
    """Select the keys of the products that use a name."""
    return select(PLACE.c.product_key).where(is_name(kind, parent_key, code_key), is_user())


def is_among(
    tx: Transaction, key: Column[str], name: tuple[str, str, str], *, few: int = _FEW
) -> ColumnElement[bool]:
    """Whether `key`, a column of products, is a user's, for a list in the order of keys.

    Of few users, all are found first; of many, each product is looked at in the list's order.
    """
    words = select(*(USER.c[word] for word in WORDS)).where(
        is_name(*name), USER.c.name == NAME.c.id
    )
    users = sum(word.bit_count() for row in tx.execute(words) for word in row)
    if users <= few:
        return key.in_(users_of(*name))
    # A value, and no EXISTS: PostgreSQL would turn that round, and sort all users for each page.
    bit = select(_bit()).where(is_name(*name), _at_place(), PLACE.c.product_key == key)
    return bit.correlate(key.table).scalar_subquery() == 1


def list_stretches(
    tx: Transaction, name: tuple[str, str, str], after: ProductKey | None
) -> Iterator[ColumnElement[bool]]:
    """List conditions by which the users of a name are found in `ORDER`, some blocks at a time.

    So a page of a name's users costs no walk through all of them. `after` this product; where it
    has no place, from the beginning.
    """
    where = select(PLACE.c.block, PLACE.c.place).where(PLACE.c.product_key == after)
    last = None if after is None else tx.execute(where).one_or_none()
    beyond: ColumnElement[bool] = true()
    if last is not None:
        beyond = or_(USER.c.block > last.block, PLACE.c.place > last.place)
    first, size = (0 if last is None else last.block), _FIRST_BLOCKS
    number = tx.execute(select(NAME.c.id).where(is_name(*name))).scalar()
    while number is not None:
        blocks = (
            select(USER.c.block)
            .where(USER.c.name == number, USER.c.block >= first)
            .order_by(USER.c.block)
            .limit(size)
        )
        found = list(tx.execute(blocks).scalars())
        if not found:
            return
        yield and_(USER.c.block.between(found[0], found[-1]), beyond)
        first, size = found[-1] + 1, min(2 * size, _MOST_BLOCKS)


_FIRST_BLOCKS, _MOST_BLOCKS = 4, 64
