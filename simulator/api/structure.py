"""Routes of the structure: families, attributes, options, categories, channels and the rest."""

from collections.abc import Sequence
from dataclasses import replace

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from pim.json_types import JsonObject
from simulator.api.answers import json_response, simulation_of
from simulator.api.paging import (
    build_links,
    numbered_links,
    page_response,
    parse_page,
    slice_page,
)
from simulator.errors import not_found
from simulator.render import without_options
from simulator.search import ListRules, parse_search, select_items
from simulator.shop import StructureItem
from simulator.simulation import Simulation

router = APIRouter(prefix="/api/rest/v1")

# What the PIM calls one of them when it has none.
_NOUNS = {
    "families": "Family",
    "attributes": "Attribute",
    "attribute-groups": "Attribute group",
    "categories": "Category",
    "channels": "Channel",
    "locales": "Locale",
    "currencies": "Currency",
    "association-types": "Association type",
}


@router.get("/measurement-families")
async def list_measurement_families(request: Request) -> Response:
    """Every measurement family, in an array without pages."""
    items = simulation_of(request).structure.items("measurement-families")
    return json_response([item.body for item in items])


@router.get("/families/{code}/variants")
async def list_family_variants(request: Request, code: str) -> Response:
    """What products of a family vary by; only a shop with product models has some."""
    simulation = simulation_of(request)
    family = _found(simulation, "families", code)
    return _numbered(request, simulation.structure.items("family-variants", family.code))


@router.get("/families/{code}/variants/{variant}")
async def get_family_variant(request: Request, code: str, variant: str) -> Response:
    """One variant of a family."""
    simulation = simulation_of(request)
    family = _found(simulation, "families", code)
    item = simulation.structure.get("family-variants", variant, family.code)
    if item is None:
        raise not_found(
            f'Family variant "{variant}" does not exist or is not a variant of the family "{code}".'
        )
    return json_response(item.body)


@router.get("/attributes/{code}/options")
async def list_options(request: Request, code: str) -> Response:
    """The options of a select attribute; other attributes have none to list."""
    simulation = simulation_of(request)
    attribute = _found(simulation, "attributes", code)
    if "select" not in str(attribute.body["type"]):
        raise not_found(f'Attribute "{code}" does not support options.')
    return _numbered(request, simulation.structure.items("options", attribute.code))


@router.get("/attributes/{code}/options/{option}")
async def get_option(request: Request, code: str, option: str) -> Response:
    """One option of an attribute."""
    simulation = simulation_of(request)
    attribute = _found(simulation, "attributes", code)
    item = simulation.structure.get("options", option, attribute.code)
    if item is None:
        raise not_found(
            f'Attribute option "{option}" does not exist or is not an option of the attribute '
            f'"{code}".'
        )
    return json_response(item.body)


@router.get("/{kind}/{code}")
async def get_item(request: Request, kind: str, code: str) -> Response:
    """One item of a list."""
    item = _found(simulation_of(request), _known_kind(request, kind), code)
    return json_response(_shown(request, kind, item).body)


@router.get("/{kind}")
async def list_items(request: Request, kind: str) -> Response:
    """A list of the structure, filtered where this list knows filters."""
    simulation = simulation_of(request)
    items = simulation.structure.items(_known_kind(request, kind))
    search = request.query_params.get("search")
    criteria = parse_search(search, scope=None, locale=None)
    selected = select_items(items, kind, criteria, _rules(simulation, criteria))
    wants_positions = request.query_params.get("with_position") == "true"
    if kind == "categories" and wants_positions and not simulation.config.identifier_only:
        selected = _with_positions(selected)
    return _numbered(request, [_shown(request, kind, item) for item in selected])


def _shown(request: Request, kind: str, item: StructureItem) -> StructureItem:
    """The item without what only `with_table_select_options` brings, since version 7."""
    wanted = request.query_params.get("with_table_select_options") == "true"
    if kind != "attributes" or (wanted and not simulation_of(request).config.identifier_only):
        return item
    return replace(item, body=without_options(item.body))


def _rules(simulation: Simulation, criteria: Sequence[object]) -> ListRules:
    config, database = simulation.config, simulation.database
    # Looked up only where a filter may ask for it: there may be 100,000 products.
    families = (product.family for product in database if product.family) if criteria else ()
    return ListRules(config.identifier_only, config.saas, frozenset(families))


def _with_positions(items: list[StructureItem]) -> list[StructureItem]:
    seen: dict[object, int] = {}
    found: list[StructureItem] = []
    for item in items:
        parent = item.body.get("parent")
        seen[parent] = seen.get(parent, 0) + 1
        found.append(replace(item, body={**item.body, "position": seen[parent]}))
    return found


def _known_kind(request: Request, kind: str) -> str:
    if kind not in _NOUNS:
        raise not_found(f'No route found for "{request.method} {request.url}"')
    return kind


def _found(simulation: Simulation, kind: str, code: str) -> StructureItem:
    item = simulation.structure.get(kind, code)
    if item is None:
        raise not_found(f'{_NOUNS[kind]} "{code}" does not exist.')
    return item


def _numbered(request: Request, items: list[StructureItem]) -> Response:
    ask = parse_page(request.query_params, may_cursor=False)
    links = build_links(request)
    shown, count = slice_page(items, ask)
    encoded = [orjson.dumps({**_self_link(request, item), **item.body}) for item in shown]
    page_links = numbered_links(links, ask, len(shown), count)
    return page_response(page_links, encoded, page=ask.page, count=count)


def _self_link(request: Request, item: StructureItem) -> JsonObject:
    base = simulation_of(request).config.base_url
    href = f"{base}{request.url.path}/{item.code}"
    return {"_links": {"self": {"href": href}}}
