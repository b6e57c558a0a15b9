"""The shop's families, and what each channel asks of their products."""

from simulator.shop.attributes import COMMON, IDENTIFIER
from simulator.shop.camp import CAMP
from simulator.shop.home import HOME
from simulator.shop.trail import TRAIL
from simulator.shop.words import FamilyWords

FAMILIES: tuple[FamilyWords, ...] = (*CAMP, *TRAIL, *HOME)
FAMILY_BY_CODE: dict[str, FamilyWords] = {family.code: family for family in FAMILIES}


def attributes_of(family: str) -> tuple[str, ...]:
    """The attribute codes of a family, the common ones first."""
    return (*COMMON, *FAMILY_BY_CODE[family].own)


def requirements_of(family: str) -> dict[str, list[str]]:
    """What a product of the family must have to be complete, by channel."""
    own = FAMILY_BY_CODE[family].own
    shop = [IDENTIFIER, "name", "description", "brand", "price", "image", "weight", *own[:3]]
    paper = [IDENTIFIER, "name", "description", "price", "catalogue_page", own[0]]
    return {"ecommerce": sorted(shop), "print": sorted(paper)}
