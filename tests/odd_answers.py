"""Odd answers at random: what of the source is odd, how, and what it may cost.

Places are numbers among what there is when the oddity begins, so that a program that fails can be
made smaller. Nothing here asks the product how it reads: only the simulated PIM is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from hypothesis import strategies as st

from pim.json_types import JsonObject, JsonValue
from tests.mirror_shop import MirrorShop

PLACES = st.integers(0, 1000)

JSON_TYPES: st.SearchStrategy[JsonValue] = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 1.5, 2**63 - 1]),
    st.sampled_from(["", " ", "\xa0", "\x00", "\ud7ff\uffff", "0", "x" * 300]),
    st.sampled_from([[], {}, [None], [[]], ["x"], {"0": "x"}, {"0": "x", "2": "y"}]),
    st.sampled_from(["-0001-11-30T00:00:00+00:00", "2024-02-30T00:00:00+00:00"]),
    st.just("9999-12-31T23:59:59-14:00"),
)
"""Any type of JSON where another is meant, and dates off the calendar."""

TURNS = st.sampled_from(["drop", "holes", "keyed", "listed", "text", "number", "single", "wrapped"])

VALUE_CHANGES: st.SearchStrategy[JsonObject] = st.one_of(
    st.builds(lambda to: {"does": "set", "to": to}, JSON_TYPES),
    st.builds(lambda does: {"does": does}, TURNS),
    st.builds(lambda to: {"does": "rename", "to": to}, st.sampled_from(["x", "", "values", "0"])),
    st.builds(
        lambda text: {"does": "raw", "text": text},
        st.sampled_from(["NaN", "1e999", "01", "1" * 40, '"\t"']),
    ),
)

STATUSES = st.sampled_from([400, 403, 405, 406, 407, 413, 422, 423, 451, 500, 501, 502, 503, 520])

REFUSALS: st.SearchStrategy[JsonObject] = st.one_of(
    st.builds(lambda status: {"does": "refuse", "status": status}, STATUSES),
    st.builds(
        lambda status: {"does": "refuse", "status": status, "html": True},
        st.one_of(STATUSES, st.sampled_from([200, 404])),
    ),
    st.just({"does": "cut"}),
    st.just({"does": "cut", "share": 0.0}),
    st.sampled_from([{"does": "wire", "wire": wire} for wire in ("cut", "closed", "reset")]),
)
"""No answer that anybody could use. 404 in the PIM's own JSON is left out: that is one."""

GARBAGE: st.SearchStrategy[JsonValue] = st.sampled_from(
    [None, 0, "x", [], {}, {"uuid": None}, {"code": 5}, {"values": []}]
)

PLACES_OF_PAGES = ["_embedded.items", "_embedded", "_links", "_links.next", "_links.next.href"]
PLACES_OF_PAGES += ["_links.self", "items_count", "current_page"]

PAGE_CHANGES: st.SearchStrategy[JsonObject] = st.one_of(
    st.sampled_from([{"does": "double", "where": where} for where in ("next", "end", "later")]),
    st.builds(lambda item: {"does": "extra", "item": item}, GARBAGE),
    st.sampled_from([{"does": does} for does in ("leave_out", "empty", "circle", "ends", "bare")]),
    st.builds(
        lambda at, change: {**change, "at": at},
        st.sampled_from(PLACES_OF_PAGES),
        st.one_of(
            st.builds(lambda to: {"does": "set", "to": to}, JSON_TYPES),
            st.builds(lambda does: {"does": does}, TURNS),
        ),
    ),
)

STRUCTURE = ["families", "attributes", "attribute-groups", "categories", "channels", "locales"]
STRUCTURE += ["currencies", "association-types", "measurement-families"]
STRUCTURE += ["attributes/*/options", "families/*/variants"]
THINGS = ["reference-entities", "reference-entities/*/records", "asset-families"]
THINGS += ["asset-families/*/assets"]
PRODUCTS, MODELS = "products-uuid", "product-models"

BY_URL = "products-uuid/*"

REQUESTS: list[JsonObject] = [
    {"path": "*", "query": {"search": None}},
    {"path": PRODUCTS, "query": {"search": None}},
    {"path": MODELS, "query": {"search": None}},
    {"path": PRODUCTS, "search": {"field": "parent"}},
    {"path": PRODUCTS, "search": {"field": "uuid", "operator": "IN"}},
    {"path": PRODUCTS, "search": {"field": "updated"}},
    {"path": MODELS, "search": {"field": "parent"}},
    {"path": MODELS, "search": {"field": "identifier"}},
    {"path": "*", "query": {"with_count": None}},
    {"path": BY_URL},
    {"path": "product-models/*"},
]
"""Kinds of request that a firewall or a broken index refuses; there is another way to each."""


@dataclass(frozen=True, slots=True)
class Odd:
    """What the PIM is told, and what may suffer for it.

    `touched`: the products that need not follow while it lasts. `is_wide`: it hits the login or
    everything, so that a run may end with the source's error. `names`: whose events may die of it,
    as the inbox calls them. `word`: by it a person is to know which list could not be read; empty
    where what was odd costs nothing.
    """

    oddity: JsonObject
    touched: frozenset[str] = frozenset()
    is_wide: bool = False
    is_of_events: bool = False
    names: frozenset[str | None] = frozenset()
    word: str = ""


@dataclass(frozen=True, slots=True)
class OddThing:
    """One product or model: a value in it, or the answers that hold it."""

    of: str
    which: int
    place: int
    does: JsonObject
    shown: str  # by its list, by itself, or by both (as a glob behind the list's path)

    def in_shop(self, mirror: MirrorShop) -> Odd | None:
        """The oddity of that thing; None where the shop has none."""
        if self.of == MODELS:
            name = mirror.pick_model(self.which)
            body = None if name is None else mirror.models()[name]
            touched = frozenset() if name is None else frozenset(mirror.below(name))
        else:
            name = mirror.pick(self.which)
            body = None if name is None else mirror.shop.truth()[name]
            touched = frozenset() if name is None else frozenset({name})
        if name is None or body is None:
            return None
        change = self.does
        if change["does"] not in {"refuse", "cut", "wire"}:
            places = ["", *_places(body)]
            change = {"at": places[self.place % len(places)], **change}
        path = f"{self.of}{self.shown}"
        oddity: JsonObject = {"path": path, "items": [name], "done": [change]}
        return Odd(oddity, touched, names=_names(name))


@dataclass(frozen=True, slots=True)
class OddPage:
    """The pages of one list, or one of them, in another form, or none that can be used."""

    listing: str
    page: int | None
    does: JsonObject

    def in_shop(self, _mirror: MirrorShop) -> Odd:
        """The oddity of that list; no product suffers from it."""
        page = {} if self.page is None else {"page": self.page}
        oddity: JsonObject = {"path": self.listing, "done": [self.does], **page}
        is_refusal = self.does["does"] in {"refuse", "cut", "wire"}
        return Odd(oddity, word=self.listing.partition("/")[0] if is_refusal else "")


@dataclass(frozen=True, slots=True)
class OddRequest:
    """A kind of request that is refused, whatever it asks for."""

    which: int
    does: JsonObject

    def in_shop(self, mirror: MirrorShop) -> Odd:
        """The oddity of that kind; there is another way, but none to prove a deletion."""
        oddity: JsonObject = {**REQUESTS[self.which % len(REQUESTS)], "done": [self.does]}
        if oddity["path"] == BY_URL:
            return Odd(oddity, frozenset(mirror.shop.truth()), is_wide=True)
        return Odd(oddity)


@dataclass(frozen=True, slots=True)
class OddSource:
    """Everything is refused, or nobody gets in."""

    path: str
    does: JsonObject

    def in_shop(self, mirror: MirrorShop) -> Odd:
        """The oddity of the source: nothing follows while it lasts."""
        everything = frozenset(mirror.shop.truth())
        return Odd({"path": self.path, "done": [self.does]}, everything, is_wide=True)


@dataclass(frozen=True, slots=True)
class OddItem:
    """One item of the structure, in its list and by itself: labels suffer, and no product."""

    listing: str
    which: int
    place: int
    does: JsonObject

    def in_shop(self, mirror: MirrorShop) -> Odd | None:
        """The oddity of that item; None where the list has none."""
        shown = mirror.shop.listed(_with_parent(mirror, self.listing))
        if not shown:
            return None
        item = shown[self.which % len(shown)]
        places = ["", *_places(item)]
        change = {"at": places[self.place % len(places)], **self.does}
        path = f"{self.listing}*"
        return Odd({"path": path, "items": [item["code"]], "done": [change]})


@dataclass(frozen=True, slots=True)
class OddEvent:
    """What the events of one product or model say, before the receiver has them."""

    of: str
    which: int
    place: int
    does: JsonObject

    def in_shop(self, mirror: MirrorShop) -> Odd | None:
        """The oddity; as long as the event names its product, that product follows."""
        is_model = self.of == MODELS
        name = (mirror.pick_model if is_model else mirror.pick)(self.which)
        if name is None:
            return None
        body = mirror.models()[name] if is_model else mirror.shop.truth()[name]
        places = ["", *_places(body)]
        at = places[self.place % len(places)]
        is_unnamed = at in {"", "uuid", "code"} or self.does["does"] == "raw"
        touched = frozenset(mirror.below(name) if is_model else {name})
        oddity: JsonObject = {"path": "events", "items": [name], "done": [{"at": at, **self.does}]}
        if not is_unnamed:
            return Odd(oddity)
        return Odd(oddity, touched, is_of_events=True, names=_names(name) | {None, ""})


@dataclass(frozen=True, slots=True)
class OddFacts:
    """What the PIM says of itself, or of the login: it can do without most of it."""

    path: str
    at: str
    does: JsonObject

    def in_shop(self, mirror: MirrorShop) -> Odd:
        """The oddity; who cannot log in reads nothing."""
        oddity: JsonObject = {"path": self.path, "done": [{"at": self.at, **self.does}]}
        if self.path.startswith("/api/oauth"):
            return Odd(oddity, frozenset(mirror.shop.truth()), is_wide=True)
        return Odd(oddity)


AnyOdd: TypeAlias = OddThing | OddPage | OddItem | OddEvent | OddRequest | OddSource | OddFacts

ODD_THINGS = st.builds(
    OddThing,
    of=st.sampled_from([PRODUCTS, PRODUCTS, MODELS]),
    which=PLACES,
    place=PLACES,
    does=st.one_of(VALUE_CHANGES, REFUSALS),
    shown=st.sampled_from(["*", "", "/*"]),
)
ODD_PAGES = st.builds(
    OddPage,
    listing=st.sampled_from([PRODUCTS, MODELS, *STRUCTURE, *THINGS]),
    page=st.sampled_from([None, 1, 2]),
    does=st.one_of(PAGE_CHANGES, REFUSALS),
)
ODD_ITEMS = st.builds(
    OddItem,
    listing=st.sampled_from([*STRUCTURE, *THINGS]),
    which=PLACES,
    place=PLACES,
    does=VALUE_CHANGES,
)
ODD_EVENTS = st.builds(
    OddEvent,
    of=st.sampled_from([PRODUCTS, PRODUCTS, MODELS]),
    which=PLACES,
    place=PLACES,
    does=VALUE_CHANGES,
)
ODD_FACTS = st.builds(
    OddFacts,
    path=st.sampled_from(["system-information", "/api/rest/v1", "/api/oauth/v1/token"]),
    at=st.sampled_from(["", "version", "edition", "access_token", "expires_in", "refresh_token"]),
    does=VALUE_CHANGES,
)
ODD_REQUESTS = st.builds(OddRequest, which=PLACES, does=REFUSALS)
ODD_SOURCES = st.builds(
    OddSource, path=st.sampled_from(["*", "/api/*", "/api/oauth/v1/token"]), does=REFUSALS
)


ANY_PART = st.one_of(ODD_THINGS, ODD_PAGES, ODD_ITEMS, ODD_EVENTS)
ANY_WHOLE = st.one_of(ODD_REQUESTS, ODD_SOURCES, ODD_FACTS)


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody does in the PIM: to which product or model, and with what."""

    kind: str
    which: int
    other: int = field(default=0)


EDITS = st.builds(
    Edit,
    kind=st.sampled_from(["switch", "name", "associate", "create", "remove", "model"]),
    which=PLACES,
    other=PLACES,
)


def _places(value: JsonValue, before: str = "") -> Iterator[str]:
    """Every place within a JSON value, as the simulated PIM is told it."""
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside  # type: ignore[assignment]
    for key, child in inside:
        yield f"{before}{key}"
        yield from _places(child, f"{before}{key}.")


def rounds(most: int) -> st.SearchStrategy[list[tuple[list[Edit], bool | None]]]:
    """Edits, each time with a drain after them; and now and then a sweep."""
    edits = st.lists(EDITS, min_size=1, max_size=3)
    sweeps = st.sampled_from([None, False, True])
    return st.lists(st.tuples(edits, sweeps), min_size=1, max_size=most)


def _with_parent(mirror: MirrorShop, listing: str) -> str:
    """A list of that glob: the one below the first item that has such a list."""
    above, star, below = listing.partition("/*/")
    if not star:
        return listing
    parents = [str(item["code"]) for item in mirror.shop.listed(above)]
    lists = [f"{above}/{parent}/{below}" for parent in parents]
    return next((path for path in lists if mirror.shop.listed(path)), lists[0] if lists else above)


def _names(name: str) -> frozenset[str | None]:
    """As the inbox calls a product, or a model."""
    return frozenset({name, f"model:{name.casefold()}"})
