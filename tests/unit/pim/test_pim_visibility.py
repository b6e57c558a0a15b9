"""What shows and hides values in all answers at once is told from what does not."""

import pytest

from pim.json_types import JsonObject, JsonValue
from pim.structure import fingerprint_visibility
from pim.vocabulary import CatalogKind

WEB: JsonObject = {
    "code": "web",
    "locales": ["de_DE", "en_US"],
    "currencies": ["EUR"],
    "labels": {"en_US": "Web"},
}
FRENCH: JsonObject = {"code": "fr_FR", "enabled": True}
WEIGHT: JsonObject = {"code": "Weight", "units": {"KILOGRAM": {"code": "KILOGRAM", "labels": {}}}}


def fingerprint(*changes: tuple[CatalogKind, JsonObject]) -> str:
    items: dict[CatalogKind, list[JsonObject]] = {
        CatalogKind.CHANNEL: [WEB],
        CatalogKind.LOCALE: [FRENCH],
        CatalogKind.MEASUREMENT_FAMILY: [WEIGHT],
    }
    return fingerprint_visibility({**items, **{kind: [body] for kind, body in changes}})


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (CatalogKind.CHANNEL, {**WEB, "code": "print"}),
        (CatalogKind.CHANNEL, {**WEB, "locales": ["en_US"]}),
        (CatalogKind.CHANNEL, {**WEB, "currencies": []}),
        (CatalogKind.LOCALE, {**FRENCH, "enabled": False}),
        (CatalogKind.CURRENCY, {"code": "EUR", "enabled": True}),
        (CatalogKind.ASSOCIATION_TYPE, {"code": "PACK", "labels": {}}),
        (CatalogKind.MEASUREMENT_FAMILY, {**WEIGHT, "units": []}),
    ],
)
def test_what_is_switched_off_or_cut_down_counts(kind: CatalogKind, body: JsonObject) -> None:
    assert fingerprint((kind, body)) != fingerprint()


def test_labels_and_the_order_of_lists_do_not() -> None:
    units: JsonValue = [{"code": "KILOGRAM", "labels": {"en_US": "Kilogram"}}]
    same: list[tuple[CatalogKind, JsonObject]] = [
        (CatalogKind.CHANNEL, {**WEB, "locales": ["en_US", "de_DE"], "labels": []}),
        (CatalogKind.MEASUREMENT_FAMILY, {**WEIGHT, "units": units, "labels": {"en_US": "Mass"}}),
    ]
    assert fingerprint(*same) == fingerprint()
