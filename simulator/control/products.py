"""Control of products and of the structure, the truth about products, the count of calls."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from simulator.api import JSON, json_response
from simulator.control.bodies import NewProductBody, ProductBody, StructureBody
from simulator.control.director import HELPER, Director, author_of, director_of
from simulator.edits import (
    EventAction,
    follow_change,
    make_event,
    make_structure_event,
    merge_product,
    remove_item,
)
from simulator.errors import not_found, unprocessable
from simulator.render import Flavour, full_view
from simulator.shop import Product, make_uuid
from simulator.simulation import Simulation

_LINES_AT_ONCE = 100
_ENCODED_AT_ONCE = 10

router = APIRouter(prefix="/_simulator")


@router.get("/truth")
async def get_truth(request: Request, flavour: Flavour | None = None) -> Response:
    """Every product as its single GET with all flags would answer now; NDJSON ordered by uuid."""
    simulation = director_of(request).simulation
    lines = _truth_lines(simulation, flavour or simulation.own_flavour)
    return StreamingResponse(lines, media_type="application/x-ndjson")


async def encode_ahead(simulation: Simulation) -> None:
    """Write every product down once, between other work, so that no sweep waits for it.

    The first sight of a product costs ten times what showing it again does.
    """
    view = full_view(simulation.own_flavour)
    for position, product in enumerate(simulation.database):
        simulation.renderer.encoded(product, view)
        if position % _ENCODED_AT_ONCE == 0:
            await asyncio.sleep(0)


@router.post("/products")
async def create_product(request: Request, body: NewProductBody) -> Response:
    """Make a product out of its changes alone."""
    director = director_of(request)
    simulation = director.simulation
    uuid = body.uuid or make_uuid(simulation.edit_rng)
    if simulation.database.get(uuid) is not None:
        raise unprocessable(f'Product "{uuid}" is there already.')
    blank = Product(
        uuid,
        identifier=None,
        number=simulation.take_number(),
        family=None,
        enabled=True,
        categories=(),
        created=0,
        updated=0,
        values={},
    )
    return await _save(director, merge_product(simulation, blank, dict(body.changes)), body)


@router.post("/products/{uuid}")
async def change_product(request: Request, uuid: str, body: ProductBody) -> Response:
    """Merge changes into a product; one that changes nothing is no save."""
    director = director_of(request)
    product = _product(director, uuid)
    merged = merge_product(director.simulation, product, dict(body.changes))
    if merged is product and body.updated is None:
        return _shown(director, product)
    return await _save(director, merged, body)


@router.delete("/products/{uuid}")
async def remove_product(request: Request, uuid: str, *, silent: bool = False) -> Response:
    """Take a product away."""
    director = director_of(request)
    event = director.editor.remove(_product(director, uuid), HELPER)
    await director.wait_for(director.tell(event, silent=silent))
    return json_response({"removed": uuid})


@router.post("/products/{uuid}/restore")
async def restore_product(request: Request, uuid: str) -> Response:
    """Put a removed product back as it was, without an event: rights given back, a backup."""
    director = director_of(request)
    former = director.simulation.database.removed.get(uuid)
    if former is None:
        raise not_found(f'Product "{uuid}" was not removed.')
    if former.parent is not None and director.simulation.database.models.get(former.parent) is None:
        raise unprocessable(f'The product model "{former.parent}" is gone.')
    director.simulation.database.save(former)
    return _shown(director, former)


@router.post("/structure/{kind}/{code}")
async def change_structure(
    request: Request, kind: str, code: str, body: StructureBody, parent: str | None = None
) -> Response:
    """Change an item of the structure (`options` need the attribute as `parent`), or make it."""
    director = director_of(request)
    simulation, now = director.simulation, director.simulation.now_seconds()
    before = simulation.structure.get(kind, code, parent)
    item = simulation.structure.change(kind, code, dict(body.changes), parent=parent, now=now)
    follow_change(simulation, kind)
    event = make_structure_event(before, item, now, author_of(body.author))
    await director.wait_for(director.tell(event, silent=body.silent))
    return json_response(item.body)


@router.delete("/structure/{kind}/{code}")
async def remove_structure(
    request: Request, kind: str, code: str, parent: str | None = None, *, silent: bool = False
) -> Response:
    """Take an item of the structure away; values that name it are no longer shown."""
    director = director_of(request)
    simulation = director.simulation
    before = simulation.structure.get(kind, code, parent)
    if not remove_item(simulation, kind, code, parent):
        raise not_found(f'There is no "{code}" in {kind}.')
    event = make_structure_event(before, None, simulation.now_seconds(), HELPER)
    await director.wait_for(director.tell(event, silent=silent))
    return json_response({"removed": code})


@router.get("/requests")
async def get_requests(request: Request) -> Response:
    """API calls by method, kind of path and status."""
    return json_response(director_of(request).simulation.calls.report())


@router.delete("/requests")
async def clear_requests(request: Request) -> Response:
    """Count API calls anew."""
    calls = director_of(request).simulation.calls
    calls.clear()
    return json_response(calls.report())


async def _save(director: Director, product: Product, body: ProductBody) -> Response:
    database = director.simulation.database
    action = EventAction.CREATED if database.get(product.uuid) is None else EventAction.UPDATED
    saved = await director.save(
        product, body, keep=database.save, event=partial(make_event, action)
    )
    return _shown(director, saved)


def _product(director: Director, uuid: str) -> Product:
    product = director.simulation.database.get(uuid)
    if product is None:
        raise not_found(f'Product "{uuid}" does not exist.')
    return product


def _shown(director: Director, product: Product) -> Response:
    simulation = director.simulation
    view = full_view(simulation.own_flavour)
    return Response(simulation.renderer.encoded(product, view), media_type=JSON)


async def _truth_lines(simulation: Simulation, flavour: Flavour) -> AsyncIterator[bytes]:
    """Every product in the order of uuids, one JSON object a line, in chunks of lines.

    By identifier, products without one are left out, as in the PIM's own list.
    """
    view = full_view(flavour)
    lines: list[bytes] = []
    for product in simulation.database:
        if flavour is Flavour.UUID or product.identifier is not None:
            lines.append(simulation.renderer.encoded(product, view))
        if len(lines) == _LINES_AT_ONCE:
            yield b"\n".join((*lines, b""))
            lines.clear()
            # Others want their turn: 100,000 products take some seconds.
            await asyncio.sleep(0)
    if lines:
        yield b"\n".join((*lines, b""))
