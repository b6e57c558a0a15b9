"""The document that a shop shows: a product joined with the structure it refers to."""

from dataclasses import dataclass
from typing import Protocol

from pim.json_types import JsonObject
from pim.product import SourceProduct
from pim.structure import Reference
from pim.vocabulary import CatalogKind


class CatalogView(Protocol):
    """The mirrored structure; compares codes casefolded."""

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        """The item's body, or None if it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered product, and all that its text depends on (known to the catalog or not)."""

    body: JsonObject
    references: frozenset[Reference]


def needed_references(product: SourceProduct) -> frozenset[Reference]:
    """What the product itself names: family, attributes, options, categories, parent model."""
    raise NotImplementedError


def unresolved_references(product: SourceProduct, catalog: CatalogView) -> frozenset[Reference]:
    """What must still be read so that the document is whole; ask again until it is empty.

    Follows ancestors of categories and models that the catalog knows. Options whose labels the
    product carries itself (`linked_data`) are left out: no call is needed for them.
    """
    raise NotImplementedError


def render_document(product: SourceProduct, catalog: CatalogView) -> Document:
    """Join a product with its structure; unknown items leave their labels out."""
    raise NotImplementedError
