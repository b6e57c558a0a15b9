"""The shop's reference entities: who designed a thing, and where it was made."""

from collections.abc import Iterator

from pim.json_types import JsonObject
from simulator.shop.structure import StructureItem, labels_of
from simulator.shop.things import ThingKind, attribute_body, items, media_code, options_parent
from simulator.shop.words import Phrase

DESIGNER = "designer"
# The address of an entity is case sensitive: this one is not found as `workshop`.
WORKSHOP = "Workshop"

_ENTITIES: tuple[tuple[str, Phrase, str | None], ...] = (
    (
        DESIGNER,
        Phrase("Designers", "Gestalter", "Créateurs"),
        media_code(0xD351 << 140, "designers.png"),
    ),
    (WORKSHOP, Phrase("Workshops", "", ""), None),
)

# Text attributes say more of themselves than others do.
_PLAIN_TEXT: JsonObject = {
    "max_characters": None,
    "is_textarea": False,
    "is_rich_text_editor": None,
    "validation_rule": None,
    "validation_regexp": None,
}
_LONG_TEXT: JsonObject = {**_PLAIN_TEXT, "is_textarea": True, "is_rich_text_editor": True}
_PICTURE: JsonObject = {"allowed_extensions": ["png", "jpg"], "max_file_size": "10"}

LABEL = attribute_body(
    "label", "text", labels_of(Phrase("Label", "Name", "Nom")), value_per_locale=True, **_PLAIN_TEXT
)
IMAGE = attribute_body("image", "image", labels_of(Phrase("Image", "Bild", "Image")), **_PICTURE)

_ATTRIBUTES: dict[str, list[JsonObject]] = {
    DESIGNER: [
        LABEL,
        IMAGE,
        attribute_body(
            "biography",
            "text",
            labels_of(Phrase("Biography", "Lebenslauf", "")),
            value_per_locale=True,
            **_LONG_TEXT,
        ),
        attribute_body(
            "born",
            "number",
            labels_of(Phrase("Born in", "Geboren", "Naissance")),
            decimals_allowed=False,
            min_value="1850",
            max_value=None,
        ),
        attribute_body("country", "single_option", labels_of(Phrase("Country", "Land", "Pays"))),
        attribute_body("crafts", "multiple_options", {}),
        attribute_body(
            "workshop",
            "reference_entity_single_link",
            labels_of(Phrase("Workshop", "Werkstatt", "Atelier")),
            reference_entity_code=WORKSHOP,
        ),
        attribute_body(
            "works_with",
            "reference_entity_multiple_links",
            labels_of(Phrase("Works with", "Arbeitet mit", "Travaille avec")),
            reference_entity_code=DESIGNER,
        ),
    ],
    WORKSHOP: [
        LABEL,
        IMAGE,
        attribute_body(
            "story",
            "text",
            labels_of(Phrase("Story", "Geschichte", "Histoire")),
            value_per_locale=True,
            value_per_channel=True,
            **_LONG_TEXT,
        ),
        attribute_body(
            "floor_space",
            "number",
            labels_of(Phrase("Floor space (m²)", "Fläche (m²)", "Surface (m²)")),
            decimals_allowed=True,
            min_value=None,
            max_value=None,
        ),
    ],
}

COUNTRIES = (("PT", "Portugal"), ("DE", "Germany"), ("FR", "France"), ("SE", "Sweden"))
CRAFTS = (("wood", "Wood"), ("steel", "Steel"), ("textile", "Textile"), ("01", ""))


def entity_structure() -> Iterator[StructureItem]:
    """The entities, the attributes of their records, and the options of those."""
    kind = ThingKind.RECORD
    bodies: list[JsonObject] = [
        # Of these the PIM takes care that an empty map stays a map.
        {"code": code, "labels": labels_of(label) or {}, "image": image}
        for code, label, image in _ENTITIES
    ]
    yield from items(kind.families, bodies)
    for entity, attributes in _ATTRIBUTES.items():
        yield from items(kind.attributes, attributes, entity)
    for attribute, options in (("country", COUNTRIES), ("crafts", CRAFTS)):
        choices: list[JsonObject] = [
            {"code": code, "labels": {"en_US": label} if label else {}} for code, label in options
        ]
        yield from items(kind.options, choices, options_parent(DESIGNER, attribute))
