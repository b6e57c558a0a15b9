"""The options of the shop's select attributes, and the units of its metrics.

Labels are not complete, as in life.
"""

from pim.json_types import JsonObject, JsonValue
from simulator.shop.words import BRANDS, Phrase

Options = tuple[tuple[str, Phrase], ...]

COLORS: Options = (
    ("forest_green", Phrase("Forest green", "Waldgrün", "Vert forêt")),
    ("slate_grey", Phrase("Slate grey", "Schiefergrau", "Gris ardoise")),
    ("night_blue", Phrase("Night blue", "Nachtblau", "Bleu nuit")),
    ("rust_red", Phrase("Rust red", "Rostrot", "Rouge brique")),
    ("sand", Phrase("Sand", "Sand", "Sable")),
    ("charcoal", Phrase("Charcoal", "Anthrazit", "Anthracite")),
    ("ochre", Phrase("Ochre", "Ocker", "Ocre")),
    ("off_white", Phrase("Off-white", "Cremeweiß", "Écru")),
    ("petrol", Phrase("Petrol", "Petrol", "Bleu pétrole")),
    ("moss", Phrase("Moss", "Moos", "")),
    ("brick", Phrase("Brick", "Ziegel", "Brique")),
    ("black", Phrase("Black", "Schwarz", "Noir")),
)

MATERIALS: Options = (
    ("aluminium", Phrase("Aluminium", "Aluminium", "Aluminium")),
    ("abs", Phrase("ABS", "ABS", "ABS")),
    ("brass", Phrase("Brass", "Messing", "Laiton")),
    ("canvas", Phrase("Waxed canvas", "Gewachstes Segeltuch", "Toile cirée")),
    ("cast_iron", Phrase("Cast iron", "Gusseisen", "Fonte")),
    ("ceramic", Phrase("Ceramic", "Keramik", "Céramique")),
    ("copper", Phrase("Copper", "Kupfer", "Cuivre")),
    ("cotton", Phrase("Organic cotton", "Bio-Baumwolle", "Coton biologique")),
    ("down", Phrase("Down", "Daune", "Duvet")),
    ("glass", Phrase("Glass", "Glas", "Verre")),
    ("leather", Phrase("Leather", "Leder", "Cuir")),
    ("linen", Phrase("Linen", "Leinen", "Lin")),
    ("merino", Phrase("Merino wool", "Merinowolle", "Laine mérinos")),
    ("nylon", Phrase("Recycled nylon", "Recyceltes Nylon", "Nylon recyclé")),
    ("oak", Phrase("Oak", "Eiche", "Chêne")),
    ("polyester", Phrase("Recycled polyester", "Recyceltes Polyester", "Polyester recyclé")),
    ("rattan", Phrase("Rattan", "Rattan", "Rotin")),
    ("rubber", Phrase("Natural rubber", "Naturkautschuk", "Caoutchouc naturel")),
    ("stainless_steel", Phrase("Stainless steel", "Edelstahl", "Acier inoxydable")),
    ("teak", Phrase("Teak", "Teak", "Teck")),
    ("titanium", Phrase("Titanium", "Titan", "Titane")),
    ("wool", Phrase("Wool", "Wolle", "Laine")),
)


# Sizes such as "38" are codes that look like numbers: PHP is known to trip over them.
SIZES: Options = tuple(
    (code, Phrase(code.upper(), code.upper(), code.upper()))
    for code in ("xs", "s", "m", "l", "xl", "xxl", "36", "38", "40", "42", "44", "46")
)

SEASONS: Options = (
    ("two_seasons", Phrase("2 seasons", "2 Jahreszeiten", "2 saisons")),
    ("three_seasons", Phrase("3 seasons", "3 Jahreszeiten", "3 saisons")),
    ("four_seasons", Phrase("4 seasons", "4 Jahreszeiten", "4 saisons")),
    ("winter", Phrase("Winter", "Winter", "Hiver")),
)

CARE: Options = (
    ("hand_wash", Phrase("Hand wash", "Handwäsche", "Lavage à la main")),
    ("machine_30", Phrase("Machine wash 30 °C", "Maschinenwäsche 30 °C", "Machine 30 °C")),
    ("no_tumble_dry", Phrase("Do not tumble dry", "Nicht in den Trockner", "Pas de sèche-linge")),
    ("dishwasher_safe", Phrase("Dishwasher safe", "Spülmaschinenfest", "Lave-vaisselle")),
    ("wipe_clean", Phrase("Wipe clean", "Feucht abwischen", "")),
)

GENDERS: Options = (
    ("women", Phrase("Women", "Damen", "Femme")),
    ("men", Phrase("Men", "Herren", "Homme")),
    ("unisex", Phrase("Unisex", "Unisex", "Mixte")),
    ("kids", Phrase("Kids", "Kinder", "Enfant")),
)

COUNTRIES: Options = (
    ("PT", Phrase("Portugal", "Portugal", "Portugal")),
    ("DE", Phrase("Germany", "Deutschland", "Allemagne")),
    ("FR", Phrase("France", "Frankreich", "France")),
    ("SE", Phrase("Sweden", "Schweden", "Suède")),
    ("EE", Phrase("Estonia", "Estland", "Estonie")),
    ("VN", Phrase("Vietnam", "Vietnam", "Viêt Nam")),
    ("IT", Phrase("Italy", "Italien", "Italie")),
)

ENERGY: Options = tuple((code, Phrase(code, "", "")) for code in ("A", "B", "C", "D", "E"))

TAGS: Options = (
    ("bestseller", Phrase("Bestseller", "Bestseller", "Meilleure vente")),
    ("new", Phrase("New", "Neu", "Nouveau")),
    ("sale", Phrase("Sale", "Angebot", "Promotion")),
    ("repairable", Phrase("Repairable", "Reparierbar", "Réparable")),
    ("local", Phrase("Made in Europe", "In Europa gefertigt", "Fabriqué en Europe")),
)

OPTIONS: dict[str, Options] = {
    "brand": tuple((code, Phrase(name, name, name)) for code, name in BRANDS),
    "color": COLORS,
    "material": MATERIALS,
    "size": SIZES,
    "season": SEASONS,
    "care": CARE,
    "gender": GENDERS,
    "country_of_origin": COUNTRIES,
    "energy_class": ENERGY,
    "tags": TAGS,
}


# Family, labels, standard unit, and units: code, symbol, labels, factor to the standard unit.
_Unit = tuple[str, str, str, str, str]
_FAMILIES: tuple[tuple[str, tuple[str, str, str], str, tuple[_Unit, ...]], ...] = (
    (
        "Duration",
        ("Duration", "Dauer", "Durée"),
        "SECOND",
        (
            ("SECOND", "s", "Second", "Sekunde", "1"),
            ("MINUTE", "min", "Minute", "Minute", "60"),
            ("HOUR", "h", "Hour", "Stunde", "3600"),
        ),
    ),
    (
        "Length",
        ("Length", "Länge", "Longueur"),
        "METER",
        (
            ("MILLIMETER", "mm", "Millimeter", "Millimeter", "0.001"),
            ("CENTIMETER", "cm", "Centimeter", "Zentimeter", "0.01"),
            ("METER", "m", "Meter", "Meter", "1"),
            ("INCH", "in", "Inch", "Zoll", "0.0254"),
        ),
    ),
    (
        "Power",
        ("Power", "Leistung", "Puissance"),
        "WATT",
        (("WATT", "W", "Watt", "Watt", "1"), ("KILOWATT", "kW", "Kilowatt", "Kilowatt", "1000")),
    ),
    (
        "Volume",
        ("Volume", "Volumen", "Volume"),
        "CUBIC_METER",
        (
            ("CUBIC_METER", "m³", "Cubic meter", "Kubikmeter", "1"),
            ("LITER", "l", "Liter", "Liter", "0.001"),
            ("MILLILITER", "ml", "Milliliter", "Milliliter", "0.000001"),
        ),
    ),
    (
        "Weight",
        ("Weight", "Gewicht", "Poids"),
        "KILOGRAM",
        (
            ("GRAM", "g", "Gram", "Gramm", "0.001"),
            ("KILOGRAM", "kg", "Kilogram", "Kilogramm", "1"),
            ("POUND", "lb", "Pound", "Pfund", "0.45359237"),
        ),
    ),
)


def measurement_families() -> list[JsonObject]:
    """Every measurement family, as its unpaginated list shows it."""
    return [
        {
            "code": code,
            "labels": {"en_US": labels[0], "de_DE": labels[1], "fr_FR": labels[2]},
            "standard_unit_code": standard,
            "units": {unit[0]: _unit(unit) for unit in units},
        }
        for code, labels, standard, units in _FAMILIES
    ]


def _unit(unit: _Unit) -> JsonValue:
    code, symbol, english, german, factor = unit
    return {
        "code": code,
        "labels": {"en_US": english, "de_DE": german},
        "convert_from_standard": [{"operator": "mul", "value": factor}],
        "symbol": symbol,
    }
