"""The document that a shop shows: a product joined with the structure it refers to.

Used from outside: a draft, which says what must be known and renders it, over the parts of a
catalog; storage also asks for links and associations by the names that a document shows; and a
narrowing, which gives a document as one reader wants it.
"""

from pim.document.document import (
    TARGETS,
    Document,
    Draft,
    associated_by_type,
)
from pim.document.entries import download_link
from pim.document.narrowing import EVERYTHING, Narrowing
from pim.document.parts import CatalogParts

__all__ = [
    "EVERYTHING",
    "TARGETS",
    "CatalogParts",
    "Document",
    "Draft",
    "Narrowing",
    "associated_by_type",
    "download_link",
]
