"""Looking things up in the mirrored structure, and walking up its trees."""

from dataclasses import dataclass
from typing import Protocol

from pim.json_types import JsonObject
from pim.structure import text_of
from pim.vocabulary import CatalogKind


class CatalogView(Protocol):
    """The mirrored structure; compares codes casefolded."""

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        """The item's body, or None if it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class RootModel:
    """The models above a variant, nearest first; `root` None while the way up is not known."""

    models: tuple[str, ...]
    root: str | None


def category_path(code: str, catalog: CatalogView) -> tuple[str, ...]:
    """The codes from the root down to `code`, as far as the catalog knows them."""
    return tuple(reversed(_way_up(CatalogKind.CATEGORY, code, catalog)))


def is_path_whole(path: tuple[str, ...], catalog: CatalogView) -> bool:
    """Whether the path begins at a known root: a part of a path would be taken for a whole one."""
    top = catalog.get(CatalogKind.CATEGORY, "", path[0])
    return top is not None and text_of(top, "parent") is None


def root_model(parent: str, catalog: CatalogView) -> RootModel:
    """The models from a variant's parent up to the root (at most two levels in Akeneo)."""
    models = tuple(_way_up(CatalogKind.PRODUCT_MODEL, parent, catalog))
    top = catalog.get(CatalogKind.PRODUCT_MODEL, "", models[-1])
    is_root = top is not None and text_of(top, "parent") is None
    return RootModel(models, models[-1] if is_root else None)


def _way_up(kind: CatalogKind, code: str, catalog: CatalogView) -> list[str]:
    """`code` and its known ancestors; a circle, made by reads at different times, ends the walk."""
    way = [code]
    seen = {code.casefold()}
    above = text_of(catalog.get(kind, "", code), "parent")
    while above is not None and above.casefold() not in seen:
        way.append(above)
        seen.add(above.casefold())
        above = text_of(catalog.get(kind, "", above), "parent")
    return way
