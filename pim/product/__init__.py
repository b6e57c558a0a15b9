"""One answer about a product: taken apart, its odd spellings read as meant, and fingerprinted.

Used from outside: these names; only items of the structure share the fingerprints.
"""

from pim.product.fingerprint import fingerprint_item, fingerprint_product
from pim.product.meaning import read_meaning
from pim.product.oddities import find_oddities
from pim.product.product import (
    SourceProduct,
    is_same_to_source,
    is_uuid,
    parse_product,
    product_key,
)

__all__ = [
    "SourceProduct",
    "find_oddities",
    "fingerprint_item",
    "fingerprint_product",
    "is_same_to_source",
    "is_uuid",
    "parse_product",
    "product_key",
    "read_meaning",
]
