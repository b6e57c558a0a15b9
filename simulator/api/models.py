"""Routes of product models: lists select from the index, single reads read the database."""

from collections.abc import Iterator
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from simulator.api.answers import JSON, simulation_of
from simulator.api.paging import build_links, keyed_page, parse_page
from simulator.api.products import narrowed
from simulator.errors import not_found
from simulator.render import MODEL_VIEW, View
from simulator.search import in_channel_tree, matching_keys, parse_query, select_models
from simulator.simulation import Simulation

router = APIRouter(prefix="/api/rest/v1")


@router.get("/product-models")
async def list_product_models(request: Request) -> Response:
    """Product models, sub-models among them, in the order of their codes."""
    simulation, query = simulation_of(request), request.query_params
    ask = parse_page(query, may_cursor=True, most=simulation.config.most_items)
    view = narrowed(simulation, _asked(query), query)
    links = build_links(request)
    found = _selected(simulation, query, ask.after)
    return keyed_page(links, ask, found, lambda codes: _items(simulation, codes, view))


@router.get("/product-models/{code:path}")
async def get_product_model(request: Request, code: str) -> Response:
    """One product model by its code in any case, from the database."""
    simulation = simulation_of(request)
    model = simulation.visible_model(simulation.database.models.get(code))
    if model is None:
        raise not_found(
            f'Product model "{code}" does not exist or you do not have permission to access it.'
        )
    view = _asked(request.query_params)
    return Response(simulation.renderer.models.encoded(model, view), media_type=JSON)


def _asked(query: QueryParams) -> View:
    """Models know one flag: they show neither labels of options nor completenesses."""
    return replace(MODEL_VIEW, with_scores=query.get("with_quality_scores") == "true")


def _items(simulation: Simulation, codes: list[str], view: View) -> list[bytes]:
    # Gone from the database and not yet from the index: such a model is left out.
    models = filter(None, map(simulation.database.models.get, codes))
    return [simulation.renderer.models.item(model, view) for model in models]


def _selected(simulation: Simulation, query: QueryParams, after: str | None) -> Iterator[str]:
    scope = query.get("scope")
    context = simulation.search_context()
    selection = select_models(parse_query(query), context)
    if scope is not None:
        selection = selection.and_also(in_channel_tree(scope, context))
    if simulation.rights.hidden_share:
        selection = selection.and_also(lambda model: simulation.visible_model(model) is not None)
    return matching_keys(simulation.model_index, selection, after)
