"""The oddities that stand, and what they make of an answer or of a delivery."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

import orjson

from pim.json_types import JsonObject, JsonValue, as_list
from simulator.faults.odd_places import (
    change_items,
    change_places,
    find_list,
    find_positions,
    find_spots,
    object_of,
    with_raw,
)
from simulator.faults.oddity import (
    EVENTS,
    Cut,
    Oddity,
    Pad,
    Page,
    PageChange,
    PlaceChange,
    WireChange,
)

_REST = "/api/rest/v1/"
PageKey: TypeAlias = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, as oddities select it; `url` is the whole address that was asked."""

    method: str
    path: str
    query: dict[str, str]
    url: str

    @property
    def key(self) -> PageKey:
        """What the call has in common with the link that led to it."""
        return self.path, frozenset(self.query.items())


@dataclass(slots=True)
class Reply:
    """What is to be answered: the text, and what becomes of it on its way, in order."""

    text: bytes
    on_its_way: list[WireChange] = field(default_factory=list)


@dataclass(slots=True)
class _Standing:
    number: int
    oddity: Oddity
    left: int | None
    answers: int = 0

    def shown(self) -> JsonObject:
        head: JsonObject = {"id": self.number, "answers": self.answers, "left": self.left}
        return {**head, **self.oddity.model_dump(mode="json")}


class Oddities:
    """Those that stand, in the order in which they were given. All of them that fit are done."""

    def __init__(self) -> None:
        self._standing: dict[int, _Standing] = {}
        self._last_number = 0
        self._pages: dict[PageKey, int] = {}
        self._later: dict[PageKey, list[JsonValue]] = {}

    def __bool__(self) -> bool:
        """Whether any stands, or is still owed to a later page."""
        return bool(self._standing or self._later)

    def add(self, oddity: Oddity) -> int:
        """Have it stand from now on; answers its id."""
        self._last_number += 1
        self._standing[self._last_number] = _Standing(self._last_number, oddity, oddity.times)
        return self._last_number

    def end(self, number: int) -> bool:
        """End one; False if none of this id stands."""
        return self._standing.pop(number, None) is not None

    def clear(self) -> int:
        """End all; says how many that were."""
        ended = len(self._standing)
        for kept in (self._standing, self._pages, self._later):
            kept.clear()
        return ended

    def shown(self) -> list[JsonObject]:
        """Each that stands: its id, how many answers it was done to, for how many more it is."""
        return [each.shown() for each in self._standing.values()]

    def for_call(self, asked: Asked) -> list["_Standing"]:
        """Those whose call this is; whether they are for its items the answer must tell."""
        return [each for each in self._standing.values() if self._is_for(each.oddity, asked)]

    def change_answer(self, chosen: Sequence["_Standing"], asked: Asked, text: bytes) -> Reply:
        """What is answered in place of `text`; an answer that is no JSON has no items."""
        try:
            holder: list[JsonValue] = [orjson.loads(text)]
        except orjson.JSONDecodeError:
            work = _Work([None], asked)
            self._do_all(chosen, work)
            return Reply(text, work.on_its_way)
        follows = _next_key(holder[0])
        number = self._page_number(asked)
        if follows is not None and number is not None:
            self._pages[follows] = number + 1
        late = self._later.pop(asked.key, [])
        (find_list(holder) or []).extend(late)
        work = _Work(holder, asked)
        self._do_all(chosen, work)
        if work.later and follows is not None:
            self._later[follows] = work.later
        is_changed = bool(late) or work.is_changed
        return Reply(work.written() if is_changed else text, work.on_its_way)

    def change_events(self, events: list[JsonObject]) -> tuple[list[JsonObject], "_Work"]:
        """The events of a delivery as they are told."""
        work = _Work([{"events": [*events]}], None)
        self._do_all([each for each in self._standing.values() if each.oddity.path == EVENTS], work)
        told = as_list(object_of(work.holder[0]).get("events"))
        return [object_of(event) for event in told], work

    def _do_all(self, chosen: Sequence["_Standing"], work: "_Work") -> None:
        for each in chosen:
            if not work.do(each.oddity):
                continue
            each.answers += 1
            if each.left is None:
                continue
            each.left -= 1
            if each.left == 0:
                self._standing.pop(each.number, None)

    def _is_for(self, oddity: Oddity, asked: Asked) -> bool:
        path = asked.path if oddity.path.startswith("/") else asked.path.removeprefix(_REST)
        if oddity.path == EVENTS or not fnmatchcase(path, oddity.path):
            return False
        if oddity.method not in {None, asked.method}:
            return False
        if oddity.page is not None and oddity.page != self._page_number(asked):
            return False
        return _asks(oddity, asked.query)

    def _page_number(self, asked: Asked) -> int | None:
        """By number, or by the links that led there; None for a cursor that nobody gave."""
        number = asked.query.get("page", "" if "search_after" in asked.query else "1")
        return int(number) if number.isdigit() else self._pages.get(asked.key)


class _Work:
    """One answer, while oddities are done to it."""

    def __init__(self, holder: list[JsonValue], asked: Asked | None) -> None:
        self.holder = holder
        self.later: list[JsonValue] = []
        self.on_its_way: list[WireChange] = []
        self.is_changed = False
        self.raw: list[str] = []
        self._asked = asked

    def do(self, oddity: Oddity) -> bool:
        """Do one; False if the answer has none of its items."""
        positions = find_positions(self.holder, oddity.items)
        if oddity.items and not positions:
            return False
        spots = find_spots(self.holder, positions) if oddity.items else [(self.holder, 0)]
        for change in oddity.done:
            if isinstance(change, WireChange):
                self.on_its_way.append(change)
                continue
            self.is_changed = True
            if isinstance(change, PlaceChange):
                change_places(change, spots, self.raw)
            else:
                chosen = set(positions) if oddity.items else {0}
                self._change_page(change, chosen)
                positions = find_positions(self.holder, oddity.items)
                spots = find_spots(self.holder, positions) if oddity.items else [(self.holder, 0)]
        return True

    def written(self) -> bytes:
        """The answer as JSON, but for what is written raw."""
        return with_raw(orjson.dumps(self.holder[0]), self.raw)

    def finished(self, text: bytes) -> bytes:
        """A text that was written elsewhere, as it is sent."""
        return text_on_its_way(with_raw(text, self.raw), self.on_its_way)

    def _change_page(self, change: PageChange, chosen: set[int]) -> None:
        items = find_list(self.holder)
        if items is None:
            return
        self.later += change_items(change, items, {at for at in chosen if at < len(items)})
        links = object_of(object_of(self.holder[0]).get("_links"))
        match change:
            case Page(does="circle") if self._asked is not None:
                links["next"] = {"href": self._asked.url}
            case Page(does="ends"):
                links.pop("next", None)
            case Page(does="bare"):
                self.holder[0] = items
            case Page(does="enveloped") if self._asked is not None:
                link: JsonObject = {"href": self._asked.url}
                page: JsonObject = {"_links": {"self": link, "first": link}, "current_page": 1}
                self.holder[0] = {**page, "_embedded": {"items": items}}
            case _:
                pass


def text_on_its_way(text: bytes, changes: Sequence[WireChange]) -> bytes:
    """The text as it is sent: padded, cut."""
    for change in changes:
        match change:
            case Pad():
                text += b" " * change.bytes
            case Cut():
                text = text[: int(len(text) * change.share)]
            case _:
                pass
    return text


def _asks(oddity: Oddity, query: dict[str, str]) -> bool:
    if any(name in query for name in oddity.without):
        return False
    if not all(
        name in query and (part or "") in query[name] for name, part in oddity.query.items()
    ):
        return False
    wanted = oddity.search
    return wanted is None or any(
        wanted.operator in {None, operator}
        for operator in _operators(query.get("search", ""), wanted.field)
    )


def _operators(search: str, name: str) -> Iterator[JsonValue]:
    try:
        criteria = as_list(object_of(orjson.loads(search)).get(name))
    except orjson.JSONDecodeError:
        return
    for criterion in criteria:
        yield object_of(criterion).get("operator")


def _next_key(body: JsonValue) -> PageKey | None:
    href = object_of(object_of(object_of(body).get("_links")).get("next")).get("href")
    if not isinstance(href, str):
        return None
    parts = urlsplit(href)
    return parts.path, frozenset(parse_qsl(parts.query))
