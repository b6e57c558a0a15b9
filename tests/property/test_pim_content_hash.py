"""The hash is equal exactly where the content is, and both of its ways agree."""

import hashlib
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pim.canonical import dump_bytes, dump_json, load_json
from pim.fingerprint import fingerprint_product
from pim.json_types import JsonObject, JsonValue, as_object

KEYS = st.one_of(
    st.sampled_from(
        ["values", "categories", "groups", "associations", "quantified_associations",
         "completenesses", "quality_scores", "_links", "updated", "data", "a"]
    ),
    st.text(max_size=5),
)  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(), max_size=8),
    st.sampled_from(["{}", "[]", '"_links"', "\ud800", "\x00"]),
)


def _nested(children: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    return st.one_of(
        st.lists(children, max_size=4),
        st.dictionaries(KEYS, children, max_size=4),
        st.just({}),
        st.just([]),
    )


VALUES: st.SearchStrategy[JsonValue] = st.recursive(LEAVES, _nested, max_leaves=25)
BODIES: st.SearchStrategy[JsonObject] = st.dictionaries(KEYS, VALUES, max_size=6)

_SET_LISTS = {"categories", "groups", "completenesses", "quality_scores"}


def _plain(value: JsonValue) -> JsonValue:
    """The definition, written once more without any hurry: links out, one empty, maps sorted."""
    match value:
        case dict():
            return {k: _plain(v) for k, v in value.items() if k != "_links"} or []
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


def _as_set(value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        return value
    return sorted(value, key=lambda item: dump_bytes(item, sort_keys=True))


def _map(value: JsonValue, depth: int) -> JsonValue:
    """A map of sets, `depth` maps deep; PHP's lists are maps too."""
    if depth == 0:
        return _as_set(value)
    if not isinstance(value, dict | list):
        return value
    return {key: _map(item, depth - 1) for key, item in as_object(value).items()} or []


def _definition(body: JsonObject) -> str:
    content: JsonObject = {}
    for key, value in body.items():
        plain = _plain(value)
        if key in _SET_LISTS:
            plain = _as_set(plain)
        elif key == "values":
            plain = _map(plain, 1)
        elif key in {"associations", "quantified_associations"}:
            plain = _map(plain, 2)
        if key not in {"_links", "updated"}:
            content[key] = plain
    return hashlib.sha256(dump_bytes(content, sort_keys=True)).hexdigest()


def _swap_empties(value: JsonValue) -> JsonValue:
    match value:
        case dict() | list() if not value:
            return [] if isinstance(value, dict) else {}
        case dict():
            return {key: _swap_empties(item) for key, item in value.items()}
        case list():
            return [_swap_empties(item) for item in value]
        case _:
            return value


@given(BODIES)
@settings(max_examples=250, deadline=None)
def test_the_quick_way_follows_the_definition(body: JsonObject) -> None:
    assert fingerprint_product(body) == _definition(body)


@given(BODIES)
@settings(max_examples=120, deadline=None)
def test_swapping_every_empty_for_the_other_changes_nothing(body: JsonObject) -> None:
    assert fingerprint_product(body) == fingerprint_product(as_object(_swap_empties(body)))


@given(BODIES, st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_the_order_of_keys_and_sets_changes_nothing(body: JsonObject, rng: Random) -> None:
    shuffled: JsonObject = {}
    for key in rng.sample(list(body), len(body)):
        value = body[key]
        is_set = key in _SET_LISTS and isinstance(value, list)
        shuffled[key] = rng.sample(value, len(value)) if is_set else value  # type: ignore[arg-type]
    assert fingerprint_product(body) == fingerprint_product(shuffled)


@given(BODIES)
@example({"values": [-(2**63) - 1], "\x00\x7f": {}})  # two writers, one text
@settings(max_examples=120, deadline=None)
def test_storing_and_loading_changes_neither_text_nor_hash(body: JsonObject) -> None:
    text = dump_json(body)
    text.encode()
    loaded = as_object(load_json(text))
    assert dump_json(loaded) == text
    assert fingerprint_product(loaded) == fingerprint_product(body)


@given(BODIES, st.text("abc", min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_an_added_value_is_noticed(body: JsonObject, code: str) -> None:
    values = as_object(body.get("values"))
    more: JsonObject = {**values, f"new-{code}": [{"data": "x", "locale": None, "scope": None}]}
    if f"new-{code}" not in values:
        assert fingerprint_product({**body, "values": more}) != fingerprint_product(body)
