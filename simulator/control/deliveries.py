"""Control of edits, deliveries and their faults, and what became of them."""

from dataclasses import asdict, replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from pim.json_types import JsonObject
from simulator.api import json_response
from simulator.control.bodies import EditsBody, FaultsBody, PaceBody, WebhookBody
from simulator.control.director import Director, director_of
from simulator.deliveries import Subscription

router = APIRouter(prefix="/_simulator")


@router.get("/state")
async def get_state(request: Request) -> Response:
    """Counts, rates, deliveries by answer."""
    return json_response(_state(director_of(request)))


@router.post("/edits")
async def post_edits(request: Request, body: EditsBody) -> Response:
    """Perform operations; the answer comes when their deliveries are out, late ones included."""
    director = director_of(request)
    performed = await director.perform(
        body.operations, seed=body.seed, bulk=body.bulk, per_second=body.per_second
    )
    delivered = body.wait and await director.wait_for(performed.ends)
    return json_response(
        {
            "operations": performed.operations,
            "events": performed.events,
            "bulks": len(performed.ends),
            "delivered": delivered,
        }
    )


@router.post("/pace")
async def post_pace(request: Request, body: PaceBody) -> Response:
    """Edit on and on at a pace; 0 stops."""
    director = director_of(request)
    director.set_pace(body.per_second)
    return json_response(_state(director))


@router.get("/faults")
async def get_faults(request: Request) -> Response:
    """The present rates."""
    return json_response(asdict(director_of(request).dispatcher.fates.faults))


@router.post("/faults")
async def post_faults(request: Request, body: FaultsBody) -> Response:
    """Change rates from the next delivery on."""
    director = director_of(request)
    fates = director.dispatcher.fates
    fates.faults = replace(fates.faults, **body.model_dump(exclude_none=True))
    director.platform.set_faults(fates.faults)
    return json_response(asdict(fates.faults))


@router.get("/deliveries")
async def get_deliveries(request: Request) -> Response:
    """What became of the deliveries, the newest answer last."""
    return json_response(director_of(request).dispatcher.ledger.report())


@router.post("/deliveries/pause")
async def pause_deliveries(request: Request) -> Response:
    """Let deliveries wait in the queue."""
    director = director_of(request)
    director.dispatcher.pause()
    director.platform.pause()
    return json_response(_state(director))


@router.post("/deliveries/resume")
async def resume_deliveries(request: Request) -> Response:
    """Deliver what waits, and what comes."""
    director = director_of(request)
    director.dispatcher.resume()
    director.platform.resume()
    return json_response(_state(director))


@router.post("/webhook")
async def post_webhook(request: Request, body: WebhookBody) -> Response:
    """Tell another subscriber from now on, or nobody."""
    director = director_of(request)
    subscription = None if body.url is None else Subscription(body.url, body.secret)
    director.dispatcher.subscription = subscription
    return json_response(_state(director))


@router.post("/webhook/test")
async def test_webhook(request: Request) -> Response:
    """What the PIM's Test button does: an empty, signed POST; says what it got."""
    answer = await director_of(request).dispatcher.test_subscription()
    return json_response({"status": None if answer is None else answer.status})


def _state(director: Director) -> JsonObject:
    dispatcher, simulation = director.dispatcher, director.simulation
    subscription = dispatcher.subscription
    return {
        "products": len(simulation.database),
        "models": len(simulation.database.models),
        "indexed": len(simulation.index.keys()),
        "running": director.is_running,
        "edits_per_second": director.edits_per_second,
        "index_lag_seconds": simulation.index.lag_seconds,
        "hidden_share": simulation.rights.hidden_share,
        "clock_skew_seconds": simulation.node_clocks.skew_seconds,
        "link_faults": asdict(simulation.link_faults),
        "backup": None if simulation.backup is None else len(simulation.backup.products),
        "standing_answers": [asdict(answer) for answer in simulation.scripts.standing],
        "webhook": None if subscription is None else {"url": subscription.url},
        "oddities": [*simulation.oddities.shown()],
        "deliveries_paused": dispatcher.is_paused,
        "bulks_waiting": dispatcher.waiting,
        "faults": asdict(dispatcher.fates.faults),
        "deliveries": dispatcher.ledger.report(),
    }
