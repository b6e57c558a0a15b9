"""The hash is equal exactly where the meaning is, however an answer spells it."""

import hashlib
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pim.canonical import dump_bytes, dump_json, load_json
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.product.fingerprint import fingerprint_product, fingerprint_source
from pim.product.meaning import read_meaning

KEYS = st.one_of(
    st.sampled_from(
        ["values", "categories", "groups", "associations", "quantified_associations",
         "completenesses", "quality_scores", "family", "parent", "identifier", "enabled",
         "_links", "updated", "data", "0", "2", "10", "a"]
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

CODES = st.sampled_from(["a", "b", "c", "7", "12"])
ENTRY: st.SearchStrategy[JsonValue] = st.fixed_dictionaries(
    {
        "data": st.one_of(CODES, st.lists(CODES, unique=True, max_size=4), LEAVES),
        "locale": st.sampled_from([None, "en_US", "fr_FR"]),
        "scope": st.none(),
    }
)


def _locale(entry: JsonValue) -> str:
    return str(as_object(entry)["locale"])


USUAL: st.SearchStrategy[JsonObject] = st.fixed_dictionaries(
    {
        "uuid": st.just("u"),
        "categories": st.lists(CODES, unique=True, max_size=4),
        "groups": st.lists(CODES, unique=True, max_size=3),
        "values": st.dictionaries(
            CODES, st.lists(ENTRY, min_size=1, max_size=3, unique_by=_locale)
        ),
        "associations": st.dictionaries(
            CODES, st.fixed_dictionaries({"products": st.lists(CODES, unique=True, max_size=4)})
        ),
    }
)
"""Products as any PIM spells them."""


def _plain(value: JsonValue) -> JsonValue:
    """Links out, one empty: written once more without any hurry."""
    match value:
        case dict():
            return {k: _plain(v) for k, v in value.items() if k != "_links"} or []
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


def _as_set(value: JsonValue) -> JsonValue:
    return sorted(as_list(value), key=lambda item: dump_bytes(item, sort_keys=True))


def _definition(body: JsonObject) -> str:
    content = as_object(_plain({key: value for key, value in body.items() if value}))
    for key in ("categories", "groups"):
        if key in content:
            content[key] = _as_set(content[key])
    for key, depth in (("values", 1), ("associations", 2)):
        for code, found in as_object(content.get(key)).items():
            inner: JsonValue = {k: _as_set(v) for k, v in as_object(found).items()} or []
            content[key] = as_object(content[key]) | {
                code: _by_place([_coded(it) for it in as_list(found)]) if depth == 1 else inner
            }
    return hashlib.sha256(dump_bytes(content, sort_keys=True)).hexdigest()


def _by_place(entries: list[JsonValue]) -> JsonValue:
    return sorted(entries, key=lambda it: repr((as_object(it)["locale"], as_object(it)["scope"])))


def _coded(entry: JsonValue) -> JsonValue:
    """Whole numbers may be codes, so they count as such."""
    data = as_object(entry).get("data")
    if type(data) is int:
        return as_object(entry) | {"data": str(data)}
    return entry


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


def _respelled(value: JsonValue, rng: Random, *, is_listed: bool = True) -> JsonValue:
    """The same, as PHP may write it: holes, digits for whole numbers, things that are there twice.

    The entries of values and their data, and all other lists, are sets of codes or entries.
    """
    match value:
        case list() if value:
            items = [_respelled(item, rng) for item in value]
            twice = items + [items[rng.randrange(len(items))]] * rng.randrange(2)
            if rng.random() < 0.5:
                holes = [(str(2 * n), item) for n, item in enumerate(twice)]
                return dict(rng.sample(holes, len(holes)))
            return [*twice]
        case dict():
            return {key: _respelled(item, rng) for key, item in value.items()}
        case str() if is_listed and value.isdigit() and str(int(value)) == value:
            return int(value)
        case _:
            return value


@given(USUAL)
@settings(max_examples=200, deadline=None)
def test_the_quick_way_follows_the_definition(body: JsonObject) -> None:
    assert fingerprint_product(body) == _definition(body)


@given(USUAL, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_what_is_spelled_otherwise_means_the_same(body: JsonObject, rng: Random) -> None:
    other = as_object(_respelled(body, rng))
    assert fingerprint_product(other) == fingerprint_product(body)
    assert read_meaning(other).notes == read_meaning(body).notes


@given(BODIES)
@settings(max_examples=200, deadline=None)
def test_an_answer_of_any_shape_has_a_meaning_that_means_itself(body: JsonObject) -> None:
    meaning = read_meaning(body)
    assert fingerprint_product(meaning.content) == fingerprint_product(body)
    assert dump_bytes(read_meaning(meaning.content).content) == dump_bytes(meaning.content)
    assert len(fingerprint_source(body)) == 64


@given(BODIES)
@settings(max_examples=120, deadline=None)
def test_swapping_every_empty_for_the_other_changes_nothing(body: JsonObject) -> None:
    assert fingerprint_product(body) == fingerprint_product(as_object(_swap_empties(body)))


@given(USUAL, st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_the_order_of_keys_and_sets_changes_nothing(body: JsonObject, rng: Random) -> None:
    shuffled: JsonObject = {}
    for key in rng.sample(list(body), len(body)):
        value = body[key]
        shuffled[key] = rng.sample(value, len(value)) if isinstance(value, list) else value
    assert fingerprint_product(body) == fingerprint_product(shuffled)
    assert fingerprint_source(body) == fingerprint_source(shuffled)


@given(BODIES)
@settings(max_examples=120, deadline=None)
def test_storing_and_loading_changes_neither_text_nor_hash(body: JsonObject) -> None:
    text = dump_json(body)
    text.encode()
    loaded = as_object(load_json(text))
    assert dump_json(loaded) == text
    assert fingerprint_product(loaded) == fingerprint_product(body)
    assert fingerprint_source(loaded) == fingerprint_source(body)


@given(BODIES, st.text("abc", min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_an_added_value_is_noticed(body: JsonObject, code: str) -> None:
    values = as_object(body.get("values"))
    more: JsonObject = {**values, f"new-{code}": [{"data": "x", "locale": None, "scope": None}]}
    if f"new-{code}" not in values:
        assert fingerprint_product({**body, "values": more}) != fingerprint_product(body)
