"""The shop's families, what each channel asks of their products, and their variants."""

from typing import NamedTuple

from pim.json_types import JsonObject
from simulator.shop.attributes import COMMON, IDENTIFIER
from simulator.shop.words import FamilyWords, Phrase
from simulator.shop.words_home import HOME
from simulator.shop.words_outdoor import CAMP, TRAIL

FAMILIES: tuple[FamilyWords, ...] = (*CAMP, *TRAIL, *HOME)
FAMILY_BY_CODE: dict[str, FamilyWords] = {family.code: family for family in FAMILIES}

_OF_EACH = ("ean", "image", "weight", "price")


def list_family_attributes(family: str) -> tuple[str, ...]:
    """The attribute codes of a family, the common ones first."""
    return (*COMMON, *FAMILY_BY_CODE[family].own)


def list_family_requirements(family: str) -> dict[str, list[str]]:
    """What a product of the family must have to be complete, by channel."""
    own = FAMILY_BY_CODE[family].own
    shop = [IDENTIFIER, "name", "description", "brand", "price", "image", "weight", *own[:3]]
    paper = [IDENTIFIER, "name", "description", "price", "catalogue_page", own[0]]
    return {"ecommerce": sorted(shop), "print": sorted(paper)}


class Level(NamedTuple):
    """One level of variation: its axes, and the attributes that are kept there beside them."""

    axes: tuple[str, ...]
    attributes: tuple[str, ...]


class FamilyVariantSpec(NamedTuple):
    """A family variant: one level (variants below a root) or two (sub-models between them)."""

    code: str
    family: str
    label: Phrase
    levels: tuple[Level, ...]

    def body(self, labels: JsonObject) -> JsonObject:
        """The family variant as REST shows it."""
        return {
            "code": self.code,
            "labels": labels,
            "variant_attribute_sets": [
                {
                    "level": position,
                    "axes": [*level.axes],
                    "attributes": [*sorted({*level.axes, *level.attributes})],
                }
                for position, level in enumerate(self.levels, start=1)
            ],
        }


def _specs(family: str, own: tuple[str, ...]) -> list[FamilyVariantSpec]:
    by_color = Level(("color",), (IDENTIFIER, *_OF_EACH))
    if "color" not in own:
        return []
    if "size" not in own:
        label = Phrase("By color", "Nach Farbe", "Par couleur")
        return [FamilyVariantSpec(f"{family}_by_color", family, label, (by_color,))]
    sized = Level(("size",), (IDENTIFIER, "ean", "weight", "price"))
    return [
        FamilyVariantSpec(
            f"{family}_by_color_and_size",
            family,
            Phrase("By color and size", "Nach Farbe und Größe", "Par couleur et taille"),
            (Level(("color",), ("image", "material")), sized),
        ),
        FamilyVariantSpec(
            f"{family}_by_size", family, Phrase("By size", "Nach Größe", ""), (sized,)
        ),
    ]


FAMILY_VARIANTS: tuple[FamilyVariantSpec, ...] = tuple(
    spec for family in FAMILIES for spec in _specs(family.code, family.own)
)
"""Every family with a colour varies by it; clothes, which have sizes, in two ways."""
