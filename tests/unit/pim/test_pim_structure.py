from datetime import UTC, datetime, timedelta, timezone
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from pim.errors import InvalidAnswer
from pim.json_types import JsonObject, JsonValue
from pim.search import (
    code_in,
    descendants_of,
    identifier_in,
    structure_updated_since,
    sub_models_of,
    type_in,
    updated_at,
    updated_since,
    uuid_in,
)
from pim.structure import CatalogItem, Reference, labels_of, parse_item
from pim.vocabulary import CatalogKind


def test_an_item_keeps_its_whole_body_and_its_code_as_written() -> None:
    body: JsonObject = {
        "code": "Red",
        "labels": {"en_US": "Red"},
        "updated": "2021-05-17T17:19:32+02:00",
    }
    item = parse_item(CatalogKind.OPTION, "color", body)
    assert item.reference == Reference(CatalogKind.OPTION, "color", "Red")
    assert item.body == body
    assert item.updated == datetime(2021, 5, 17, 15, 19, 32, tzinfo=UTC)


@pytest.mark.parametrize("code", [None, 5.0, True, "", " ", "a\x00", "x" * 300])
def test_an_item_without_usable_code_is_an_invalid_answer(code: JsonValue) -> None:
    with pytest.raises(InvalidAnswer, match="without usable code"):
        parse_item(CatalogKind.FAMILY, "", {"code": code})


def test_an_item_nested_past_all_reason_is_an_invalid_answer() -> None:
    deep: JsonValue = 1
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(InvalidAnswer, match="nested"):
        parse_item(CatalogKind.FAMILY, "", {"code": "a", "x": deep})


def test_links_date_and_kind_of_empty_are_no_content_of_an_item() -> None:
    def hashed(**body: JsonValue) -> str:
        return parse_item(CatalogKind.FAMILY, "", {"code": "a", **body}).content_hash

    assert hashed(labels={}, updated="2021-05-17T15:19:32+00:00", _links={"self": 1}) == hashed(
        labels=[]
    )
    assert hashed(labels={"en_US": "A"}) != hashed(labels={"en_US": "B"})
    assert hashed(attributes=["a", "b"]) != hashed(attributes=["b", "a"])


def test_a_model_is_kept_whole_and_its_content_compares_as_a_products_does() -> None:
    head: JsonObject = {"code": "sub", "family_variant": "by_color", "parent": "root"}
    first: JsonObject = {"data": "1", "locale": None, "scope": "a"}
    second: JsonObject = {"data": "2", "locale": None, "scope": "b"}

    def parsed(*entries: JsonValue) -> CatalogItem:
        return parse_item(CatalogKind.PRODUCT_MODEL, "", {**head, "values": {"a": [*entries]}})

    item, turned, other = parsed(first, second), parsed(second, first), parsed(first)
    assert item.body == {**head, "values": {"a": [first, second]}}
    assert item.content_hash == turned.content_hash
    assert item.content_hash != other.content_hash


def test_labels_that_are_missing_stay_missing() -> None:
    assert labels_of({"labels": {"en_US": "A", "de_DE": None, "fr_FR": "", "it_IT": 5}}) == {
        "en_US": "A"
    }
    assert labels_of({"labels": []}) == {}
    assert labels_of({}) == {}


def test_products_are_filtered_by_local_time_without_zone() -> None:
    since = datetime(2026, 7, 1, 12, 0, 0, 900_000, tzinfo=UTC)
    assert updated_since(since, ZoneInfo("UTC")) == {
        "updated": [{"operator": ">", "value": "2026-07-01 11:59:59"}]
    }
    assert updated_since(since, ZoneInfo("Europe/Berlin")) == {
        "updated": [{"operator": ">", "value": "2026-07-01 13:59:59"}]
    }


def test_a_local_time_that_exists_twice_is_never_sent() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in summer time
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 again, an hour later
    assert _since(first, berlin) == "2026-10-25 01:29:59"
    assert _since(second, berlin) == "2026-10-25 02:29:59"  # read as the first, it finds more


def _since(instant: datetime, zone: ZoneInfo) -> str:
    (criterion,) = cast("list[dict[str, str]]", updated_since(instant, zone)["updated"])
    return criterion["value"]


def test_products_of_one_second_are_filtered_from_both_sides() -> None:
    assert updated_at(datetime(2026, 7, 1, 12, tzinfo=UTC), ZoneInfo("UTC")) == {
        "updated": [
            {"operator": ">", "value": "2026-07-01 11:59:59"},
            {"operator": "<", "value": "2026-07-01 12:00:01"},
        ]
    }


def test_structure_is_filtered_by_time_with_zone() -> None:
    since = datetime(2026, 7, 1, 14, 0, 0, 900_000, tzinfo=timezone(timedelta(hours=2)))
    assert structure_updated_since(since) == {
        "updated": [{"operator": ">", "value": "2026-07-01T11:59:59Z"}]
    }


def test_each_filter_has_the_form_that_the_api_takes() -> None:
    assert descendants_of("m") == {"parent": [{"operator": "=", "value": "m"}]}
    assert sub_models_of("m") == {"parent": [{"operator": "IN", "value": ["m"]}]}
    assert code_in(["a"]) == {"code": [{"operator": "IN", "value": ["a"]}]}
    assert uuid_in(["a"]) == {"uuid": [{"operator": "IN", "value": ["a"]}]}
    assert identifier_in(["a"]) == {"identifier": [{"operator": "IN", "value": ["a"]}]}
    assert type_in(["t"]) == {"type": [{"operator": "IN", "value": ["t"]}]}
