"""The document that a shop shows: a product joined with the structure it refers to.

Used from outside: rendering it, and asking what must be known for that; storage also asks for links
and associations by the names that a document shows.
"""

from pim.document.document import (
    TARGETS,
    Document,
    associated_by_type,
    contradicted_references,
    needed_references,
    render_document,
    unresolved_references,
)
from pim.document.values import download_link

__all__ = [
    "TARGETS",
    "Document",
    "associated_by_type",
    "contradicted_references",
    "download_link",
    "needed_references",
    "render_document",
    "unresolved_references",
]
