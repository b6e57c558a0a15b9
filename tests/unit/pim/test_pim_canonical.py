import copy
import pickle
from datetime import UTC, datetime

import pytest

from pim.canonical import WrittenNumber, dump_json, load_json
from pim.json_types import as_list, as_object, as_text, texts
from pim.texts import is_storable, is_usable_key, parse_instant, storable


@pytest.mark.parametrize(
    "text",
    ["1.50", "1e3", "1E+3", "-0.0", "-0", "0", "12345678901234567890", "-7", "1" * 5000, "1e999",
     "0.1000000000000000055511151231257827", '{"a":[1.0,{"b":2.50}],"z":true,"b":null}'],
)  # fmt: skip
def test_json_comes_out_as_it_was_written(text: str) -> None:
    assert dump_json(load_json(text)) == text
    assert dump_json(load_json(text.encode())) == text


def test_numbers_can_still_be_reckoned_with() -> None:
    value = load_json("[1.50, 3]")
    assert value == [1.5, 3]


def test_a_written_number_survives_copy_and_pickle() -> None:
    number = WrittenNumber("1.50")
    assert copy.deepcopy(number).text == "1.50"
    assert pickle.loads(pickle.dumps(number)).text == "1.50"  # noqa: S301 - our own bytes


@pytest.mark.parametrize("text", ['"\\ud800"', '{"\\udfff":"a\\u0000"}', '["ä\\ud800",1.50]'])
def test_lone_surrogates_and_nul_stay_escapes(text: str) -> None:
    dumped = dump_json(load_json(text))
    assert dumped.encode().decode() == dumped
    assert "\x00" not in dumped
    assert load_json(dumped) == load_json(text)


@pytest.mark.parametrize(
    "raw",
    [b"", b"NaN", b"[Infinity]", b"-Infinity", b"\xff", b"{", b"[1,]", b"01", b"[" * 100_000,
     b"[" * 300 + b"]" * 300, b'{"a":' * 300 + b"1" + b"}" * 300,
     b'["\\ud800",' + b"[" * 300 + b"]" * 301],
)  # fmt: skip
def test_what_is_no_strict_json_raises_value_error_in_one_line(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        load_json(raw)


def test_keys_keep_their_order() -> None:
    assert dump_json(load_json('{"b":1,"a":2}')) == '{"b":1,"a":2}'


@pytest.mark.parametrize(
    ("value", "meant"),
    [({"a": 1}, {"a": 1}), ([], {}), (["x", "y"], {"0": "x", "1": "y"}),
     (None, {}), ("a", {}), (1, {})],
)  # fmt: skip
def test_a_map_that_php_wrote_as_a_list_is_a_map(value: object, meant: object) -> None:
    assert as_object(value) == meant  # type: ignore[arg-type]


def test_codes_are_never_made_of_numbers() -> None:
    assert as_text(7) is None
    assert texts(["007", 7, None, "a"]) == ["007", "a"]
    assert as_list({}) == []


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("a", True),
        ("", True),
        ("😀", True),
        ("a\x00", False),
        ("\ud800", False),
        ("\udc00x", False),
    ],
)
def test_what_a_text_column_can_hold(text: str, fit: bool) -> None:  # noqa: FBT001 - parametrized
    assert is_storable(text) is fit
    assert is_storable(storable(text))
    assert len(storable(text)) == len(text)


@pytest.mark.parametrize("key", ["", " ", "\n", "x" * 256, "a\x00", "\ud800"])
def test_unusable_keys(key: str) -> None:
    assert not is_usable_key(key)


@pytest.mark.parametrize("key", ["0", " a", "x" * 255, "é", "a/b%"])
def test_usable_keys(key: str) -> None:
    assert is_usable_key(key)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2020-01-01T00:00:00+00:00", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2020-01-01T05:30:00+05:30", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2020-01-01T00:00:00Z", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2019-12-31T19:00:00-0500", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2020-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("now", None),
        (1577836800, None),
        (None, None),
    ],
)
def test_instants_become_aware_utc_or_nothing(sent: object, read: datetime | None) -> None:
    assert parse_instant(sent) == read
