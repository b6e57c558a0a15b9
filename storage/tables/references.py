"""References: names of what products use, and who uses each, as bits of whole numbers.

A row costs PostgreSQL some 60 bytes besides its content, and a product has 30 to 60 references: so
the users of a name are no rows of their own, but bits, 252 products a row.
"""

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.base import required
from storage.tables.columns import NumberSet

BITS = 63
"""Products a number: so many bits both databases have in one that is not negative."""
WORDS = ("places_0", "places_1", "places_2", "places_3")
BLOCK = BITS * len(WORDS)
"""Products a row of users."""


class ReferenceName(SQLModel, table=True):
    """The number of a name that a product has referred to, whether or not there is such an item.

    The keys are casefolded. A row stays for ever, and never changes: who has found a number may
    use it.
    """

    __tablename__ = "reference_name"
    __table_args__ = (UniqueConstraint("kind", "parent_key", "code_key"),)

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    kind: str = Field(sa_column=required(Text))
    parent_key: str = Field(sa_column=required(Text))
    code_key: str = Field(sa_column=required(Text))


class ReferencePlace(SQLModel, table=True):
    """Where a product stands among the users, and what it refers to (`names`); empty of tombstones.

    A place is given once, in the order in which products come, and kept.
    """

    __tablename__ = "reference_place"
    __table_args__ = ({"sqlite_with_rowid": False},)

    block: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    place: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    product_key: str = Field(sa_column=required(Text, unique=True))
    names: frozenset[int] = Field(sa_column=required(NumberSet))


class ReferenceUser(SQLModel, table=True):
    """Who of a block uses a name: of the product at each place, a bit; never none at all.

    While a block fills up, its rows are updated again and again: on PostgreSQL their pages are made
    with room for the versions (the revision says how much).
    """

    __tablename__ = "reference_user"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    block: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    places_0: int = Field(sa_column=required(BigInteger))
    places_1: int = Field(sa_column=required(BigInteger))
    places_2: int = Field(sa_column=required(BigInteger))
    places_3: int = Field(sa_column=required(BigInteger))
