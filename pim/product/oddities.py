"""Oddities of a stored product: told anew from its answer and document, so none ages."""

from collections.abc import Callable, Iterator

from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text
from pim.product.meaning import read_meaning

_MOST_NAMED = 20


def find_oddities(source: JsonObject, document: JsonObject) -> tuple[str, ...]:
    """Say, each in one line (`where: what`), what was not as a product's answer is.

    What is named cost only itself: it stands in the document as it came, or is left out.
    """
    found = [*read_meaning(source).notes, *_odd_data(document)]
    return tuple(dict.fromkeys(found[:_MOST_NAMED]))


def _odd_data(document: JsonObject) -> Iterator[str]:
    """The values whose data is not of the shape that their attribute's type has."""
    for code, attribute in as_object(document.get("attributes")).items():
        kind = as_text(as_object(attribute).get("type")) or ""
        is_usual = _SHAPES.get(kind)
        entries = map(as_object, as_list(as_object(attribute).get("values")))
        for data in (entry.get("data") for entry in entries):
            if data is not None and is_usual is not None and not is_usual(data):
                yield f"values.{code}: no data of a {kind}; shown as it came"
                break


def _is_text(data: JsonValue) -> bool:
    return isinstance(data, str)


def _is_truth(data: JsonValue) -> bool:
    return isinstance(data, bool)


def _is_number(data: JsonValue) -> bool:
    return isinstance(data, int | float | str) and not isinstance(data, bool)


def _is_object(data: JsonValue) -> bool:
    return isinstance(data, dict)


def _are_codes(data: JsonValue) -> bool:
    return isinstance(data, list) and all(isinstance(item, str) for item in data)


def _are_objects(data: JsonValue) -> bool:
    return isinstance(data, list) and all(isinstance(item, dict) for item in data)


_SHAPES: dict[str, Callable[[JsonValue], bool]] = {
    "pim_catalog_identifier": _is_text,
    "pim_catalog_text": _is_text,
    "pim_catalog_textarea": _is_text,
    "pim_catalog_date": _is_text,
    "pim_catalog_image": _is_text,
    "pim_catalog_file": _is_text,
    "pim_catalog_simpleselect": _is_text,
    "akeneo_reference_entity": _is_text,
    "pim_catalog_boolean": _is_truth,
    "pim_catalog_number": _is_number,
    "pim_catalog_metric": _is_object,
    "pim_catalog_product_link": _is_object,
    "pim_catalog_multiselect": _are_codes,
    "akeneo_reference_entity_collection": _are_codes,
    "pim_catalog_asset_collection": _are_codes,
    "pim_catalog_price_collection": _are_objects,
    "pim_catalog_table": _are_objects,
}
"""By attribute type; of a type that we do not know, nothing is odd."""
