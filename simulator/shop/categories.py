"""The shop's category trees: one for each channel."""

from typing import NamedTuple

from simulator.shop.families import FAMILIES
from simulator.shop.words import Phrase

MASTER = "master"
PRINT_TREE = "print_catalogue"


class CategorySpec(NamedTuple):
    """A category; `parent` None marks the root of a tree."""

    code: str
    parent: str | None
    label: Phrase


_DEPARTMENTS = (
    CategorySpec(MASTER, None, Phrase("Shop", "Shop", "Boutique")),
    CategorySpec("outdoor", MASTER, Phrase("Outdoor", "Draußen", "Plein air")),
    CategorySpec("home", MASTER, Phrase("Home & garden", "Haus & Garten", "Maison & jardin")),
    CategorySpec("offers", MASTER, Phrase("Offers", "Angebote", "Bonnes affaires")),
    CategorySpec("gifts", "offers", Phrase("Gifts", "Geschenke", "Cadeaux")),
    CategorySpec("clearance", "offers", Phrase("Clearance", "Restposten", "")),
    CategorySpec("camping", "outdoor", Phrase("Camping", "Camping", "Camping")),
    CategorySpec("hiking", "outdoor", Phrase("Hiking", "Wandern", "Randonnée")),
    CategorySpec("clothing", "outdoor", Phrase("Clothing", "Bekleidung", "Vêtements")),
    CategorySpec("living", "home", Phrase("Living", "Wohnen", "Salon")),
    CategorySpec("kitchen", "home", Phrase("Kitchen", "Küche", "Cuisine")),
    CategorySpec("garden", "home", Phrase("Garden", "Garten", "Jardin")),
)
_PRINT = (
    CategorySpec(PRINT_TREE, None, Phrase("Print catalogue", "Katalog", "Catalogue papier")),
    CategorySpec("print_spring", PRINT_TREE, Phrase("Spring issue", "Frühjahrsheft", "Printemps")),
    CategorySpec("print_autumn", PRINT_TREE, Phrase("Autumn issue", "Herbstheft", "Automne")),
)

CATEGORIES: tuple[CategorySpec, ...] = (
    *_DEPARTMENTS,
    *(CategorySpec(f"{family.code}", family.aisle, family.label) for family in FAMILIES),
    *_PRINT,
)
EXTRA_CATEGORIES: tuple[str, ...] = ("gifts", "clearance", "print_spring", "print_autumn")


def descendants(roots: frozenset[str], parents: dict[str, str | None]) -> frozenset[str]:
    """The categories of `roots` and everything below them; `parents` maps a code to its parent."""
    found = set(roots)
    grown = True
    while grown:
        below = {code for code, parent in parents.items() if parent in found}
        grown = not below <= found
        found |= below
    return frozenset(found)
