"""The attributes that make the shop complete: every type, every mix of locale and channel.

Their values have what is rare: padded decimals, numbers below zero, gaps in places.
"""

import random
from collections.abc import Callable

from pim.json_types import JsonObject
from simulator.shop.attributes import AttributeSpec, ExtraMaker, Extras
from simulator.shop.options import Options
from simulator.shop.product import atom_time, scoped
from simulator.shop.things import media_code
from simulator.shop.words import LINES, LOCALES, PRINT_LOCALES, Phrase

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

_DAY = 86_400
_FIRST_DAY = 1_704_067_200  # 2024-01-01
_CHANNELS = ("ecommerce", "print")
_PLACES = tuple(("ecommerce", locale) for locale in LOCALES) + tuple(
    ("print", locale) for locale in PRINT_LOCALES
)


def every_type(*, saas: bool = False) -> Extras:
    """The attributes, their options and values, and the units that one of them is measured in."""
    extras = Extras(specs=SPECS, options=OPTIONS, makers=_MAKERS, measures=(_temperature(),))
    second = Extras(specs=(SECOND_IDENTIFIER,), makers={SECOND_IDENTIFIER.code: _part_number})
    return extras.joined(second) if saas else extras


def _part_number(rng: random.Random) -> list[JsonObject]:
    return scoped(f"0{rng.getrandbits(40):012d}")


def _claim(rng: random.Random) -> list[JsonObject]:
    line = rng.choice(LINES)
    german, french = scoped(f"{line}: für draußen.", "de_DE"), scoped(f"{line}, dehors.", "fr_FR")
    return german + french if rng.random() < 0.5 else german  # noqa: PLR2004 - a coin


def _deposit(rng: random.Random) -> list[JsonObject]:
    euros = f"zzgl. {rng.randint(1, 20)},00 EUR Pfand"
    return scoped(euros, "de_DE", rng.choice(_CHANNELS))


def _shelf_text(rng: random.Random) -> list[JsonObject]:
    return _by_channel(rng, lambda: f"Shelf {rng.randint(1, 40):02d}")


def _note(rng: random.Random) -> list[JsonObject]:
    # Texts that a careless reader takes for a number, for nothing, or for nobody.
    return scoped(rng.choice(("0", "007", "1e3", "null", "false", " two spaces  ")))


def _option(code: str) -> ExtraMaker:
    known = [option for option, _label in OPTIONS[code]]
    return lambda rng: scoped(rng.choice(known))


def _packaging(rng: random.Random) -> list[JsonObject]:
    known = [option for option, _label in OPTIONS["packaging"]]
    return _by_channel(rng, lambda: rng.choice(known))


def _certificates(rng: random.Random) -> list[JsonObject]:
    known = [option for option, _label in OPTIONS["certificates"]]
    found: list[JsonObject] = []
    for locale in LOCALES[: rng.randint(1, 3)]:
        found += scoped([*sorted({rng.choice(known) for _ in range(2)})], locale)
    return found


def _altitude(rng: random.Random) -> list[JsonObject]:
    return scoped(rng.randint(-420, 60))


def _rating(rng: random.Random) -> list[JsonObject]:
    places = [place for place in _PLACES if rng.random() < 0.5] or [_PLACES[0]]  # noqa: PLR2004 - a coin
    found: list[JsonObject] = []
    for channel, locale in places:
        found += scoped(f"{rng.randint(0, 50) / 10:.4f}", locale, channel)
    return found


def _freezing_point(rng: random.Random) -> list[JsonObject]:
    degrees = f"{rng.randint(-400, 0) / 10:.4f}"
    return scoped({"amount": degrees, "unit": "CELSIUS"}, None, rng.choice(_CHANNELS))


def _fee(rng: random.Random) -> list[JsonObject]:
    euros = rng.randint(0, 12)
    both: list[JsonObject] = [
        {"amount": euros, "currency": "EUR"},
        {"amount": euros + 1, "currency": "USD"},
    ]
    return scoped([*both], None, "ecommerce") + scoped([both[0]], None, "print")


def _sold_online(rng: random.Random) -> list[JsonObject]:
    return scoped(rng.random() < 0.8, None, "ecommerce")  # noqa: PLR2004 - most are


def _launch(rng: random.Random) -> list[JsonObject]:
    channel, locale = rng.choice(_PLACES)
    return scoped(atom_time(_FIRST_DAY + rng.randint(0, 900) * _DAY), locale, channel)


def _banner(rng: random.Random) -> list[JsonObject]:
    channel, locale = rng.choice(_PLACES)
    return scoped(media_code(rng.getrandbits(160), f"banner_{locale}.png"), locale, channel)


def _datasheet(rng: random.Random) -> list[JsonObject]:
    return _by_channel(rng, lambda: media_code(rng.getrandbits(160), "data_sheet.pdf"))


def _fabric(rng: random.Random) -> list[JsonObject]:
    return scoped(rng.choice(FABRICS))


def _dyes(rng: random.Random) -> list[JsonObject]:
    return scoped([*sorted({rng.choice(DYES) for _ in range(2)})])


def _by_channel(rng: random.Random, make: Callable[[], str]) -> list[JsonObject]:
    found: list[JsonObject] = []
    for channel in _CHANNELS[: rng.randint(1, 2)]:
        found += scoped(make(), None, channel)
    return found


def _temperature() -> JsonObject:
    return {
        "code": "Temperature",
        "labels": {"en_US": "Temperature"},
        "standard_unit_code": "KELVIN",
        "units": {
            "KELVIN": {
                "code": "KELVIN",
                "labels": {"en_US": "Kelvin"},
                "convert_from_standard": [{"operator": "mul", "value": "1"}],
                "symbol": "K",
            },
            "CELSIUS": {
                "code": "CELSIUS",
                # A unit that nobody has given a name: the map is empty.
                "labels": [],
                "convert_from_standard": [{"operator": "add", "value": "273.15"}],
                "symbol": "°C",
            },
        },
    }


_MAKERS: dict[str, ExtraMaker] = {
    "claim": _claim,
    "deposit_notice": _deposit,
    "shelf_text": _shelf_text,
    "2024": _note,
    "EcoScore": _option("EcoScore"),
    "packaging": _packaging,
    "certificates": _certificates,
    "lowest_altitude": _altitude,
    "rating": _rating,
    "freezing_point": _freezing_point,
    "shipping_fee": _fee,
    "sold_online": _sold_online,
    "launch": _launch,
    "banner": _banner,
    "datasheet": _datasheet,
    "fabric": _fabric,
    "dyes": _dyes,
}
