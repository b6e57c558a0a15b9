"""The closed word lists of the project; CONTRIBUTING.md says what the words mean."""

from enum import StrEnum


class Action(StrEnum):
    """The six actions of the Events API."""

    PRODUCT_CREATED = "product.created"
    PRODUCT_UPDATED = "product.updated"
    PRODUCT_REMOVED = "product.removed"
    MODEL_CREATED = "product_model.created"
    MODEL_UPDATED = "product_model.updated"
    MODEL_REMOVED = "product_model.removed"


class Channel(StrEnum):
    """The two dialects in which the source tells of changes, each with a route of its own."""

    EVENTS_API = "events-api"
    EVENT_PLATFORM = "event-platform"


class ResourceKind(StrEnum):
    """What an event is about."""

    PRODUCT = "product"
    PRODUCT_MODEL = "product_model"
    STRUCTURE = "structure"
    OTHER = "other"


class Outcome(StrEnum):
    """How an event was settled."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    COVERED = "covered"
    COALESCED = "coalesced"
    GONE = "gone"
    FILTERED = "filtered"
    DEAD = "dead"


class CatalogKind(StrEnum):
    """What the structure mirror holds.

    `product_model` is kept whole; its values are in its variants too, merged by the source.
    `product` and `associated_model` are never in the mirror: they name the products
    and models that an association points to. `partner` is none of its own either: a product, by its
    key, that stands at the other end of a two-way association. `COLLECTED` are made of other items,
    and `document` is the form of all documents: users of both are rendered when it changes.
    """

    FAMILY = "family"
    FAMILY_VARIANT = "family_variant"
    ATTRIBUTE = "attribute"
    ATTRIBUTE_GROUP = "attribute_group"
    OPTION = "option"
    CATEGORY = "category"
    CHANNEL = "channel"
    LOCALE = "locale"
    CURRENCY = "currency"
    ASSOCIATION_TYPE = "association_type"
    MEASUREMENT_FAMILY = "measurement_family"
    PRODUCT_MODEL = "product_model"
    PRODUCT = "product"
    ASSOCIATED_MODEL = "associated_model"
    PARTNER = "partner"
    REFERENCE_ENTITY = "reference_entity"
    REFERENCE_ENTITY_ATTRIBUTE = "reference_entity_attribute"
    REFERENCE_ENTITY_OPTION = "reference_entity_option"
    RECORD = "record"
    ASSET_FAMILY = "asset_family"
    ASSET_ATTRIBUTE = "asset_attribute"
    ASSET_OPTION = "asset_option"
    ASSET = "asset"
    CATEGORY_TREE = "category_tree"
    RECORD_OPTIONS = "record_options"
    ASSET_OPTIONS = "asset_options"
    DOCUMENT = "document"


COLLECTED = frozenset(
    {CatalogKind.CATEGORY_TREE, CatalogKind.RECORD_OPTIONS, CatalogKind.ASSET_OPTIONS}
)
"""What many items of the mirror say together, under the name of what they belong to.

category_tree: the channels that show a tree. record_options and asset_options: the options of all
attributes of a reference entity's records, or an asset family's assets.
"""

NEVER_MIRRORED = COLLECTED | {
    CatalogKind.PRODUCT,
    CatalogKind.ASSOCIATED_MODEL,
    CatalogKind.PARTNER,
    CatalogKind.DOCUMENT,
}
"""No list and no answer of the source has items of these kinds."""


class Identity(StrEnum):
    """What the source calls a product by; found out once per source."""

    UUID = "uuid"
    IDENTIFIER = "identifier"


class Drift(StrEnum):
    """Kinds of difference between source and store."""

    MISSING = "missing"
    OUTDATED = "outdated"
    DIFFERENT = "different"
    ORPHAN = "orphan"
    REWOUND = "rewound"


class SubscriptionStatus(StrEnum):
    """How a subscription of the Event Platform is; the last two are for good."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    DELETED = "deleted"


class CallCause(StrEnum):
    """What a call is made for: a closed list, since each word is a time series."""

    EVENT = "event"
    REFERRER = "referrer"
    NEIGHBOUR = "neighbour"
    AGAIN = "again"
    NAME = "name"
    LABELS = "labels"
    PROBE = "probe"
    LOGIN = "login"
    SWEEP = "sweep"


class CallKind(StrEnum):
    """What is asked for, whatever its code: a closed list, since each word is a time series."""

    TOKEN = "token"  # noqa: S105 - a word for a login
    PRODUCT_LIST = "product_list"
    PRODUCT = "product"
    MODEL_LIST = "model_list"
    MODEL = "model"
    STRUCTURE = "structure"
    OTHER = "other"
