"""Snapshots: items of one version of the catalog, as documents are rendered from them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pim.json_types import JsonObject
from pim.structure import Reference
from pim.vocabulary import COLLECTED, CatalogKind
from storage.catalog.collected import load_collected
from storage.catalog.items import ITEM, find_rows, read_version
from storage.database import Transaction, read_object
from storage.references import key_of


@dataclass(frozen=True, slots=True)
class CatalogSnapshot:
    """Items of one version: a `CatalogView`. Codes compare casefolded."""

    version: int
    items: Mapping[tuple[CatalogKind, str, str], JsonObject] = field(default_factory=dict)

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        """Look up an item's body; None if it is not mirrored."""
        return self.items.get((kind, parent.casefold(), code.casefold()))


def load_snapshot(tx: Transaction, references: Collection[Reference]) -> CatalogSnapshot:
    """Load the referenced items with the catalog's version.

    The version is read first: where the transaction has no snapshot of its own, the items can only
    be newer than it says, and their users are then rendered once more than needed.
    """
    version = read_version(tx)
    items: dict[tuple[CatalogKind, str, str], JsonObject] = {}
    models = [each for each in references if each.kind is CatalogKind.PRODUCT_MODEL]
    for (_, parent_key, code_key), row in find_rows(
        tx, map(key_of, models), ITEM.c.code, ITEM.c.above, ITEM.c.removed
    ):
        # Who is whose parent is all that a document wants of a model: a run that kept ten thousand
        # of them with their values would have no memory left for products.
        if not row.removed:
            head: JsonObject = {"code": row.code, "parent": row.above}
            items[CatalogKind.PRODUCT_MODEL, parent_key, code_key] = head
    others = [
        each
        for each in references
        if each.kind is not CatalogKind.PRODUCT_MODEL and each.kind not in COLLECTED
    ]
    for (_, parent_key, code_key), row in find_rows(
        tx, map(key_of, others), ITEM.c.body, ITEM.c.removed
    ):
        if not row.removed:
            items[CatalogKind(row.kind), parent_key, code_key] = read_object(row.body)
    for kind in COLLECTED:
        if codes := {each.code for each in references if each.kind is kind}:
            items |= {(kind, "", code): body for code, body in load_collected(tx, kind, codes)}
    return CatalogSnapshot(version, items)
