"""Conditions for the rows of products that are inside of a narrowing."""

from sqlalchemy import ColumnElement, or_

from pim.document import Narrowing
from pim.vocabulary import CatalogKind
from storage.database import Transaction
from storage.references import is_among
from storage.tables import Product, table_of

_PRODUCT = table_of(Product)


def list_conditions(tx: Transaction, narrowing: Narrowing) -> list[ColumnElement[bool]]:
    """List what the row of every product inside of a narrowing fulfils.

    Some outside may, too: a way up to a category that is known in part is no path of a document.
    """
    wanted = (
        (CatalogKind.FAMILY, narrowing.families),
        (CatalogKind.CATEGORY, narrowing.categories),
        (CatalogKind.CATEGORY, narrowing.trees),
    )
    return [_refers_to_any(tx, kind, sorted(codes)) for kind, codes in wanted if codes]


def _refers_to_any(tx: Transaction, kind: CatalogKind, codes: list[str]) -> ColumnElement[bool]:
    """A product refers to its family, and to each of its categories with those above them."""
    return or_(*(is_among(tx, _PRODUCT.c.key, (str(kind), "", code)) for code in codes))
