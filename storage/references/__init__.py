"""References: which product uses which name, both ways.

Names of items of the structure, mirrored or not, and of the products and models that associations
point to.
"""

from storage.references.users import (
    ORDER,
    PLACE,
    is_among,
    is_name,
    is_used,
    is_user,
    list_stretches,
    users_of,
)
from storage.references.writing import (
    NameKey,
    key_of,
    list_referred_names,
    remove_places,
    replace_references,
)

__all__ = [
    "ORDER",
    "PLACE",
    "NameKey",
    "is_among",
    "is_name",
    "is_used",
    "is_user",
    "key_of",
    "list_referred_names",
    "list_stretches",
    "remove_places",
    "replace_references",
    "users_of",
]
