"""The attributes that make the shop complete: every type, and every mix of locale and channel."""

from simulator.shop.attributes import AttributeSpec
from simulator.shop.options import Options
from simulator.shop.words import Phrase

ONE_OF_REFERENCE_DATA = "pim_reference_data_simpleselect"
IDENTIFIER_TYPE = "pim_catalog_identifier"
MANY_OF_REFERENCE_DATA = "pim_reference_data_multiselect"

# Only the cloud knows more than one identifier.
SECOND_IDENTIFIER = AttributeSpec(
    "mpn", IDENTIFIER_TYPE, "general", Phrase("Part number", "Teilenummer", "")
)

SPECS: tuple[AttributeSpec, ...] = (
    # It has values in German and French only, whatever else is translated.
    AttributeSpec(
        "claim",
        "pim_catalog_text",
        "marketing",
        Phrase("Claim", "Werbespruch", "Slogan"),
        localizable=True,
        locales=("de_DE", "fr_FR"),
    ),
    AttributeSpec(
        "deposit_notice",
        "pim_catalog_textarea",
        "commerce",
        Phrase("Deposit notice", "Pfandhinweis", ""),
        localizable=True,
        scopable=True,
        locales=("de_DE",),
    ),
    AttributeSpec("shelf_text", "pim_catalog_text", "marketing", Phrase("", "", ""), scopable=True),
    # A code that looks like a number: PHP makes a number of such a key.
    AttributeSpec("2024", "pim_catalog_text", "other", Phrase("Noted in 2024", "", "")),
    AttributeSpec(
        "EcoScore", "pim_catalog_simpleselect", "technical", Phrase("Eco score", "Ökobilanz", "")
    ),
    AttributeSpec(
        "packaging",
        "pim_catalog_simpleselect",
        "commerce",
        Phrase("Packaging", "Verpackung", "Emballage"),
        scopable=True,
    ),
    AttributeSpec(
        "certificates",
        "pim_catalog_multiselect",
        "marketing",
        Phrase("Certificates", "Siegel", "Labels"),
        localizable=True,
    ),
    AttributeSpec(
        "lowest_altitude",
        "pim_catalog_number",
        "technical",
        Phrase("Lowest altitude (m)", "Niedrigste Höhe (m)", "Altitude minimale (m)"),
        decimals=False,
        negative=True,
    ),
    AttributeSpec(
        "rating",
        "pim_catalog_number",
        "marketing",
        Phrase("Rating", "Bewertung", "Note"),
        localizable=True,
        scopable=True,
        decimals=True,
        negative=False,
    ),
    AttributeSpec(
        "freezing_point",
        "pim_catalog_metric",
        "technical",
        Phrase("Usable down to", "Einsetzbar bis", ""),
        scopable=True,
        decimals=True,
        negative=True,
        metric=("Temperature", "CELSIUS"),
    ),
    AttributeSpec(
        "shipping_fee",
        "pim_catalog_price_collection",
        "commerce",
        Phrase("Shipping fee", "Versandkosten", "Frais de port"),
        scopable=True,
        decimals=False,
        negative=False,
    ),
    AttributeSpec(
        "sold_online",
        "pim_catalog_boolean",
        "commerce",
        Phrase("Sold online", "Online erhältlich", ""),
        scopable=True,
    ),
    AttributeSpec(
        "launch",
        "pim_catalog_date",
        "commerce",
        Phrase("Launch", "Einführung", "Lancement"),
        localizable=True,
        scopable=True,
    ),
    AttributeSpec(
        "banner",
        "pim_catalog_image",
        "media",
        Phrase("Banner", "Banner", ""),
        localizable=True,
        scopable=True,
    ),
    AttributeSpec(
        "datasheet",
        "pim_catalog_file",
        "media",
        Phrase("Data sheet", "Datenblatt", "Fiche technique"),
        scopable=True,
    ),
    AttributeSpec(
        "fabric",
        ONE_OF_REFERENCE_DATA,
        "appearance",
        Phrase("Fabric", "Gewebe", "Tissu"),
        linked="fabrics",
    ),
    AttributeSpec(
        "dyes",
        MANY_OF_REFERENCE_DATA,
        "appearance",
        Phrase("Dyes", "Farbstoffe", ""),
        linked="dyes",
    ),
)

FABRICS = ("ripstop", "twill", "007")
DYES = ("indigo", "madder", "weld")

OPTIONS: dict[str, Options] = {
    "EcoScore": (
        ("A", Phrase("Very good", "Sehr gut", "Très bien")),
        ("B", Phrase("Good", "", "")),
        ("0", Phrase("", "", "")),
    ),
    "packaging": (
        ("Paper_Bag", Phrase("Paper bag", "Papiertüte", "Sac en papier")),
        ("007", Phrase("Box 7", "Karton 7", "")),
        ("1", Phrase("", "Keine", "")),
    ),
    "certificates": (
        ("OEKO", Phrase("Tested for harmful substances", "Schadstoffgeprüft", "")),
        ("fair", Phrase("Fair trade", "Fairer Handel", "Commerce équitable")),
        ("00100", Phrase("", "", "")),
    ),
}
