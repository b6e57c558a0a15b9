"""Routes of products: lists select from the index and show the database, single reads read it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from simulator.api.answers import JSON, simulation_of
from simulator.api.paging import build_links, keyed_page, parse_page
from simulator.errors import not_found, unprocessable
from simulator.render import Flavour, View, asked_view
from simulator.search import in_channel_tree, matching_keys, parse_query, select_products
from simulator.shop import Product
from simulator.simulation import Simulation

router = APIRouter(prefix="/api/rest/v1")


@router.get("/products-uuid")
async def list_products_by_uuid(request: Request) -> Response:
    """Products named by uuid, since version 7."""
    _refuse_before_version_7(simulation_of(request), request)
    return await _list(request, Flavour.UUID)


@router.get("/products-uuid/{uuid}")
async def get_product_by_uuid(request: Request, uuid: str) -> Response:
    """One product by its uuid, from the database."""
    simulation = simulation_of(request)
    _refuse_before_version_7(simulation, request)
    product = simulation.database.get(uuid)
    return _single(simulation, product, uuid, asked_view(Flavour.UUID, request.query_params))


@router.get("/products")
async def list_products_by_identifier(request: Request) -> Response:
    """Products named by identifier; those without one are left out."""
    return await _list(request, _identifier_flavour(simulation_of(request)))


@router.get("/products/{identifier:path}")
async def get_product_by_identifier(request: Request, identifier: str) -> Response:
    """One product by its identifier, from the database."""
    simulation = simulation_of(request)
    view = asked_view(_identifier_flavour(simulation), request.query_params)
    return _single(simulation, simulation.database.by_identifier(identifier), identifier, view)


def _identifier_flavour(simulation: Simulation) -> Flavour:
    return Flavour.LEGACY if simulation.config.identifier_only else Flavour.IDENTIFIER


def _refuse_before_version_7(simulation: Simulation, request: Request) -> None:
    if simulation.config.identifier_only:
        raise not_found(f'No route found for "{request.method} {request.url}"')


def _single(simulation: Simulation, product: Product | None, name: str, view: View) -> Response:
    product = simulation.visible(product)
    if product is None:
        raise not_found(
            f'Product "{name}" does not exist or you do not have permission to access it.'
        )
    return Response(simulation.renderer.encoded(product, view), media_type=JSON)


async def _list(request: Request, flavour: Flavour) -> Response:
    simulation, query = simulation_of(request), request.query_params
    ask = parse_page(query, may_cursor=True, most=simulation.config.most_items)
    view = narrowed(simulation, asked_view(flavour, query), query)
    links = build_links(request)
    # Half before the read and half after it: an answer may be old when it arrives.
    pause = simulation.config.page_latency_seconds / 2
    await asyncio.sleep(pause)
    found = _selected(simulation, flavour, query, ask.after)
    answer = keyed_page(links, ask, found, lambda uuids: _items(simulation, uuids, view))
    await asyncio.sleep(pause)
    return answer


def _selected(
    simulation: Simulation, flavour: Flavour, query: QueryParams, after: str | None
) -> Iterator[str]:
    scope = query.get("scope")
    context = simulation.search_context()
    selection = select_products(parse_query(query), context)
    if scope is not None:
        selection = selection.and_also(in_channel_tree(scope, context))
    if simulation.rights.hidden_share:
        selection = selection.and_also(lambda product: simulation.visible(product) is not None)
    if flavour is not Flavour.UUID:
        selection = selection.and_also(lambda product: product.identifier is not None)
    return matching_keys(simulation.index, selection, after)


def _items(simulation: Simulation, uuids: list[str], view: View) -> list[bytes]:
    # Gone from the database and not yet from the index: such a product is left out.
    found = (simulation.database.get(uuid) for uuid in uuids)
    return [simulation.renderer.item(product, view) for product in found if product is not None]


def narrowed(simulation: Simulation, view: View, query: QueryParams) -> View:
    """The view without the values that `scope`, `locales` and `attributes` leave out.

    Raises:
        ApiError: 422, a locale or an attribute that the PIM does not have.
    """
    scope, locales, attributes = (query.get(key) for key in ("scope", "locales", "attributes"))
    structure = simulation.structure
    if scope is not None:
        view = replace(view, scope=scope, locales=frozenset(structure.channel_locales(scope)))
    if locales is not None:
        view = replace(view, locales=_known(locales, structure.active("locales"), "Locale"))
    if attributes is not None:
        codes = frozenset(item.code for item in structure.items("attributes"))
        view = replace(view, attributes=_known(attributes, codes, "Attribute"))
    return view


def _known(listed: str, known: frozenset[str], noun: str) -> frozenset[str]:
    wanted = frozenset(filter(None, listed.split(",")))
    unknown = sorted(wanted - known)
    if unknown:
        raise unprocessable(f'{noun} "{unknown[0]}" does not exist or is not activated.')
    return wanted
