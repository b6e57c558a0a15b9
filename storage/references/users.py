"""Users of a name, as SQL: conditions for statements about marks and products.

The way from a name to its users goes by its number, the blocks in which it has any, and the bits of
those blocks' places: always by an index, and exactly.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select

from pim.ids import ProductKey
from storage.database import Transaction
from storage.tables import BITS, WORDS, ReferenceName, ReferencePlace, ReferenceUser, table_of

NAME = table_of(ReferenceName)
PLACE = table_of(ReferencePlace)
USER = table_of(ReferenceUser)

Text = ColumnElement[str] | str

ORDER = (USER.c.block, PLACE.c.place)
"""The order of users: that in which they first came."""


def is_name(kind: Text, parent_key: Text, code_key: Text) -> ColumnElement[bool]:
    """Whether `NAME` is this one (keys casefolded)."""
    return and_(NAME.c.kind == kind, NAME.c.parent_key == parent_key, NAME.c.code_key == code_key)


def is_user() -> ColumnElement[bool]:
    """Whether the product at `PLACE` uses `NAME`."""
    word = case(
        *(
            (
                PLACE.c.place < number * BITS + BITS,
                USER.c[name].bitwise_rshift(PLACE.c.place - number * BITS),
            )
            for number, name in enumerate(WORDS)
        )
    )
    bit = word.bitwise_and(1)
    return and_(USER.c.name == NAME.c.id, PLACE.c.block == USER.c.block, bit == 1)


def is_used(kind: Text, parent_key: Text, code_key: Text) -> ColumnElement[bool]:
    """Whether any product uses a name."""
    used = select(1).where(is_name(kind, parent_key, code_key), USER.c.name == NAME.c.id)
    return exists(used)


def users_of(kind: str, parent_key: str, code_key: str) -> Select[Any]:
    """Select the keys of the products that use a name."""
    return select(PLACE.c.product_key).where(is_name(kind, parent_key, code_key), is_user())


def is_after(tx: Transaction, key: ProductKey) -> ColumnElement[bool] | None:
    """Whether a user comes after a product, in `ORDER`; None where that one has no place."""
    where = select(PLACE.c.block, PLACE.c.place).where(PLACE.c.product_key == key)
    last = tx.execute(where).one_or_none()
    if last is None:
        return None
    behind = or_(USER.c.block > last.block, PLACE.c.place > last.place)
    return and_(USER.c.block >= last.block, behind)
