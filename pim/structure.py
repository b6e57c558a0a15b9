"""The source's structure: families, attributes, options, categories and the like."""

from dataclasses import dataclass
from datetime import datetime

from pim.json_types import JsonObject
from pim.vocabulary import CatalogKind


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """The name of a catalog item; `parent` is "" but for the kinds that live in another item.

    option: attribute · family_variant: family · record: reference entity · asset: asset family.
    Codes are as written; compare them casefolded.
    """

    kind: CatalogKind
    parent: str
    code: str


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One item of the structure, whole in `body`; `parent` is "" where there is none.

    `content_hash` leaves out `_links` and the top-level `updated`, like a product's.
    """

    kind: CatalogKind
    parent: str
    code: str
    body: JsonObject
    content_hash: str
    updated: datetime | None

    @property
    def reference(self) -> Reference:
        """This item's name."""
        return Reference(self.kind, self.parent, self.code)


def parse_item(kind: CatalogKind, parent: str, body: JsonObject) -> CatalogItem:
    """Take one item of a structure listing apart.

    Raises:
        InvalidAnswer: it has no usable code.
    """
    raise NotImplementedError
