"""Reading from the PIM: products, models and structure, by name or page by page.

Used from outside: `PimClient`, which does all of it, and what it is asked and answers with.
"""

from pim.reading.client import PimClient
from pim.reading.discovery import FoundFacts, SourceFacts
from pim.reading.paging import PAGE_LIMIT
from pim.reading.product_search import READ_BY_URL, SEARCH_BY_KEY
from pim.reading.source_check import CheckedList
from pim.reading.zone_check import ZoneFinding, describe_offset

__all__ = [
    "PAGE_LIMIT",
    "READ_BY_URL",
    "SEARCH_BY_KEY",
    "CheckedList",
    "FoundFacts",
    "PimClient",
    "SourceFacts",
    "ZoneFinding",
    "describe_offset",
]
