"""The forms that a product can be shown in: flavour, flags of the request, edition."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from simulator.store import ThingStore


class Flavour(StrEnum):
    """How products are named: by uuid, by identifier with the uuid beside it, or as before 7."""

    UUID = "uuid"
    IDENTIFIER = "identifier"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class View:
    """What a reader asked to see; the three narrowing fields None: everything."""

    flavour: Flavour
    with_options: bool = False
    with_scores: bool = False
    with_completenesses: bool = False
    attributes: frozenset[str] | None = None
    scope: str | None = None
    locales: frozenset[str] | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether values are left out; such a view is not worth keeping."""
        return not (self.attributes is None and self.scope is None and self.locales is None)


def full_view(flavour: Flavour) -> View:
    """Everything that can be asked of a product."""
    return View(flavour, with_options=True, with_scores=True, with_completenesses=True)


def asked_view(flavour: Flavour, query: Mapping[str, str]) -> View:
    """The `with_…` flags of a request's query; the narrowing fields are the caller's to set."""
    return View(
        flavour,
        with_options=query.get("with_attribute_options") == "true",
        with_scores=query.get("with_quality_scores") == "true",
        with_completenesses=query.get("with_completenesses") == "true",
    )


@dataclass(frozen=True, slots=True)
class RenderedEdition:
    """The records and assets there are, and which edition writes its products down."""

    things: ThingStore
    is_enterprise: bool
    saas: bool
