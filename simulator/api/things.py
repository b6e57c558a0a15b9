"""Routes of the Enterprise Edition: reference entities and asset families, and what is in them.

A Community PIM has no such routes. The code of an entity or a family is case sensitive here, and
that of a record or an asset is not.
"""

from collections.abc import Mapping
from itertools import islice

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from pim.json_types import JsonObject
from simulator.api.answers import json_response, simulation_of
from simulator.api.paging import build_links, key_links, key_page, page_response
from simulator.errors import not_found, unprocessable
from simulator.render import Narrowing
from simulator.search import ThingFilters, parse_thing_search
from simulator.shop import StructureItem, Thing, ThingKind, options_parent
from simulator.simulation import Simulation

_NOUNS = {
    ThingKind.RECORD: ("Reference entity", "Record"),
    ThingKind.ASSET: ("Asset family", "Asset"),
}


class ThingRoutes:
    """The routes of one of the two kinds: what is said of records below goes for assets too."""

    def __init__(self, kind: ThingKind) -> None:
        self._kind = kind
        self._family_noun, self._noun = _NOUNS[kind]

    def add_to(self, router: APIRouter) -> None:
        """Have the router lead to them."""
        root, family = f"/{self._kind.families}", f"/{self._kind.families}/{{family}}"
        attributes = f"{family}/attributes"
        for path, endpoint in (
            (root, self.list_families),
            (family, self.get_family),
            (f"{family}/{self._kind}", self.list_things),
            (f"{family}/{self._kind}/{{code}}", self.get_thing),
            (attributes, self.list_attributes),
            (f"{attributes}/{{code}}", self.get_attribute),
            (f"{attributes}/{{code}}/options", self.list_options),
            (f"{attributes}/{{code}}/options/{{option}}", self.get_option),
        ):
            router.add_api_route(path, endpoint, response_model=None)

    async def list_families(self, request: Request) -> Response:
        """Every entity, by pages."""
        simulation = simulation_of(request)
        ask = key_page(request.query_params, simulation.config.most_items)
        found = sorted(simulation.structure.items(self._kind.families), key=lambda it: it.code)
        ahead = (item for item in found if ask.after is None or item.code > ask.after)
        shown = list(islice(ahead, ask.limit))
        bodies = [simulation.thing_renderer.family(item, in_list=True) for item in shown]
        last = shown[-1].code if len(shown) == ask.limit else None
        return _page(request, bodies, last)

    async def get_family(self, request: Request, family: str) -> Response:
        """One entity."""
        simulation = simulation_of(request)
        item = self._family(simulation, family)
        return json_response(simulation.thing_renderer.family(item, in_list=False))

    async def list_things(self, request: Request, family: str) -> Response:
        """The records of an entity, by pages; `channel` and `locales` narrow their values."""
        simulation, query = simulation_of(request), request.query_params
        self._family(simulation, family)
        ask = key_page(query, simulation.config.most_items)
        narrowing = _narrowing(simulation, query)
        found = self._selected(simulation, family, query.get("search"))
        ahead = (thing for thing in found if ask.after is None or thing.code > ask.after)
        shown = list(islice(ahead, ask.limit))
        bodies = [simulation.thing_renderer.item(thing, narrowing) for thing in shown]
        last = shown[-1].code if len(shown) == ask.limit else None
        return _page(request, bodies, last)

    async def get_thing(self, request: Request, family: str, code: str) -> Response:
        """One record."""
        simulation = simulation_of(request)
        self._family(simulation, family)
        thing = simulation.things.get(self._kind, family, code)
        if thing is None:
            noun = self._family_noun.lower()
            raise not_found(f'{self._noun} "{code}" does not exist for the {noun} "{family}".')
        return json_response(simulation.thing_renderer.body(thing))

    async def list_attributes(self, request: Request, family: str) -> Response:
        """What the records of an entity are described by: an array without pages."""
        simulation = simulation_of(request)
        self._family(simulation, family)
        items = simulation.structure.items(self._kind.attributes, family)
        return json_response([item.body for item in items])

    async def get_attribute(self, request: Request, family: str, code: str) -> Response:
        """One attribute of an entity's records."""
        return json_response(self._attribute(simulation_of(request), family, code).body)

    async def list_options(self, request: Request, family: str, code: str) -> Response:
        """The options of an attribute of records: an array without pages."""
        simulation = simulation_of(request)
        parent = self._options_parent(simulation, family, code)
        items = simulation.structure.items(self._kind.options, parent)
        return json_response([item.body for item in items])

    async def get_option(self, request: Request, family: str, code: str, option: str) -> Response:
        """One option of an attribute of records."""
        simulation = simulation_of(request)
        parent = self._options_parent(simulation, family, code)
        item = simulation.structure.get(self._kind.options, option, parent)
        if item is None:
            raise not_found(f'Option "{option}" does not exist for the attribute "{code}".')
        return json_response(item.body)

    def _selected(self, simulation: Simulation, family: str, search: str | None) -> list[Thing]:
        filters = ThingFilters(
            simulation.structure,
            self._kind,
            now=simulation.clock(),
            legacy=simulation.config.identifier_only,
        )
        tests = [filters.make(criterion) for criterion in parse_thing_search(search)]
        things = simulation.things.items(self._kind, family)
        return [thing for thing in things if all(test(thing) for test in tests)]

    def _family(self, simulation: Simulation, code: str) -> StructureItem:
        item = simulation.structure.get(self._kind.families, code)
        if item is None or item.code != code:
            raise not_found(f'{self._family_noun} "{code}" does not exist.')
        return item

    def _attribute(self, simulation: Simulation, family: str, code: str) -> StructureItem:
        self._family(simulation, family)
        item = simulation.structure.get(self._kind.attributes, code, family)
        if item is None:
            noun = self._family_noun.lower()
            raise not_found(f'Attribute "{code}" does not exist for the {noun} "{family}".')
        return item

    def _options_parent(self, simulation: Simulation, family: str, code: str) -> str:
        attribute = self._attribute(simulation, family, code)
        if "option" not in str(attribute.body["type"]):
            raise not_found(f'The attribute "{code}" does not support options.')
        return options_parent(family, attribute.code)


def _refuse_in_community(request: Request) -> None:
    if not simulation_of(request).config.is_enterprise:
        raise not_found(f'No route found for "{request.method} {request.url}"')


router = APIRouter(prefix="/api/rest/v1", dependencies=[Depends(_refuse_in_community)])
for _kind in ThingKind:
    ThingRoutes(_kind).add_to(router)


def _page(request: Request, bodies: list[JsonObject], last: str | None) -> Response:
    links = key_links(build_links(request), last)
    return page_response(links, [orjson.dumps(body) for body in bodies], page=None, count=None)


def _narrowing(simulation: Simulation, query: Mapping[str, str]) -> Narrowing:
    channel, locales = query.get("channel"), query.get("locales")
    if channel is not None and simulation.structure.get("channels", channel) is None:
        raise unprocessable(f'Channel "{channel}" does not exist.')
    if locales is None:
        return Narrowing(channel)
    wanted = frozenset(filter(None, locales.split(",")))
    unknown = sorted(wanted - simulation.structure.active("locales"))
    if unknown:
        raise unprocessable(f'Locale "{unknown[0]}" does not exist or is not activated.')
    return Narrowing(channel, wanted)
