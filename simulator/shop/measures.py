"""The measurement families that the shop's metrics use."""

from pim.json_types import JsonObject, JsonValue

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
