"""Types of the product store: what goes into a write, and what comes of it."""

from dataclasses import dataclass
from enum import StrEnum

from pim.document import Document
from pim.ids import ProductKey, RunId
from pim.reads import ProductRead
from pim.structure import Reference
from storage.products.differences import Changed


class Written(StrEnum):
    """What a write did."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"  # a live product became a tombstone
    RESTORED = "restored"  # a tombstone became a live product
    UNCHANGED = "unchanged"  # same content: only `updated` and the read columns moved, or nothing
    ABSENT = "absent"  # absence recorded where nothing was live
    OUTDATED = "outdated"  # dropped: the stored read began after this one had been answered
    CONTENDED = "contended"  # not written: the reads overlap and disagree. Read again at once
    REWOUND_SUSPECT = "rewound-suspect"  # not written: older `updated`. Read by key, then confirm


@dataclass(frozen=True, slots=True)
class ProductWrite:
    """One product state to write.

    `document` belongs to `read.product`, rendered from a catalog of `catalog_version`; None for an
    absence. `confirmed`: read once more by its own key, so an older `updated` is true.
    `announced`: a removed event, or an operator, told of the absence (no share is used).
    """

    read: ProductRead
    document: Document | None = None
    catalog_version: int = 0
    confirmed: bool = False
    announced: bool = False


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a write did; `changed` for a change row, `rewound` if an older `updated` was written.

    Of what is unchanged, `changed` is what its document shows otherwise: labels, links.

    `retargeted`: what its associations point to now and did not before, or the reverse, with the
    type's code. `has_partners`: the answers about some of those changed with it, without an event.
    """

    written: Written
    changed: tuple[Changed, ...] = ()
    rewound: bool = False
    retargeted: frozenset[tuple[str, Reference]] = frozenset()
    has_partners: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """Why we write: "event", "sweep", "approve"..., and the run that does it."""

    name: str
    run_id: RunId | None = None


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """Who a product is and where it hangs."""

    key: ProductKey
    uuid: str | None
    identifier: str | None
    family: str | None
    parent: str | None
    deleted: bool
