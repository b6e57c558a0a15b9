"""One product's story for programs. Keys are only ever added, never renamed or removed."""

from collections.abc import Sequence

from cli.output import iso
from cli.views.live import LiveAnswer, live_object
from cli.views.timeline import build_timeline
from cli.views.why import Story
from pim.json_types import JsonObject, JsonValue
from storage.inbox import ListedEvent
from storage.products import HeldDeletion
from storage.views import History, ProductState, Sighting


def why_object(
    asked: str, stories: Sequence[Story], answer: LiveAnswer | None = None
) -> JsonObject:
    """Return `{"asked", "products": […], "live"}`; each story comes with its next steps.

    `live` is null unless the PIM was asked: `{"error", "products": […]}`.
    """
    products: list[JsonValue] = [_story_object(each.history, each.steps) for each in stories]
    live: JsonObject | None = None
    if answer is not None:
        shown: list[JsonValue] = [live_object(view) for view in answer.views]
        live = {"error": answer.error, "products": shown}
    return {"asked": asked, "products": products, "live": live}


def event_object(event: ListedEvent) -> JsonObject:
    """Return an event as `events --json` and `why --json` show it."""
    return {
        "event_id": event.event_id,
        "action": event.action,
        "hint": event.hint,
        "key": event.resource_key,
        "identifier": event.identifier,
        "author": event.author,
        "occurred_at": iso(event.occurred_at),
        "received_at": iso(event.received_at),
        "state": event.state,
        "reason": event.reason,
        "attempts": event.attempts,
        "not_before": iso(event.not_before),
        "settled_at": iso(event.settled_at),
        "run_id": event.run_id,
        "delivery": event.batch_id,
        "taken_at": iso(event.taken_at),
    }


def _story_object(history: History, steps: list[str]) -> JsonObject:
    model = history.model
    return {
        "product": None if history.product is None else _product_object(history.product),
        "timeline": [
            {
                "at": iso(moment.at),
                "kind": moment.kind,
                "text": moment.text,
                "run_id": moment.run_id,
            }
            for moment in build_timeline(history)
        ],
        "events": [event_object(event) for event in history.events],
        "changes": [
            {
                "at": iso(change.at),
                "op": change.op,
                "cause": change.cause,
                "run_id": change.run_id,
                "changed": [
                    {
                        "code": item.code,
                        "locale": item.locale,
                        "scope": item.scope,
                        "field": item.field,
                    }
                    for item in change.changed
                ],
            }
            for change in history.changes
        ],
        "held": bool(history.holds),
        "holds": [_hold_object(hold) for hold in (*history.holds, *history.past_holds)],
        "model_events": [event_object(event) for event in history.kin],
        "sweeps": [_sweep_object(run) for run in history.sightings],
        "model": None
        if model is None
        else {"code": model.code, "parent": model.parent, "variants": model.variants},
        "next": list[JsonValue](steps),
    }


def _product_object(product: ProductState) -> JsonObject:
    return {
        "key": product.key,
        "uuid": product.uuid,
        "identifier": product.identifier,
        "family": product.family,
        "parent": product.parent,
        "updated": iso(product.updated),
        "deleted_at": iso(product.deleted_at),
        "content_hash": product.content_hash,
        "read_at": iso(product.read_at),
        "read_from": product.read_from,
        "read_to": product.read_to,
        "written_at": iso(product.written_at),
        "catalog_version": product.catalog_version,
        "oddities": [*product.oddities],
    }


def _hold_object(hold: HeldDeletion) -> JsonObject:
    return {
        "held_at": iso(hold.held_at),
        "cause": hold.cause,
        "run_id": hold.run_id,
        "state": hold.state,
        "decided_at": iso(hold.decided_at),
    }


def _sweep_object(run: Sighting) -> JsonObject:
    return {
        "run_id": run.run_id,
        "flow": run.flow,
        "mode": run.mode,
        "dry_run": run.dry_run,
        "state": run.state,
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at),
        "drift": run.drift,
        "failed": run.failed,
    }
