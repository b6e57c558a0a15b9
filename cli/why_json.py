"""One product's story for programs. Keys are only ever added, never renamed or removed."""

from collections.abc import Sequence

from cli.output import iso
from cli.timeline import Moment, build_timeline
from pim.json_types import JsonObject, JsonValue
from storage.history import History, ProductState
from storage.letters import ListedEvent


def why_object(asked: str, stories: Sequence[tuple[History, list[str]]]) -> JsonObject:
    """Return `{"asked", "products": […]}`; each story comes with its next steps."""
    products: list[JsonValue] = [_story_object(history, steps) for history, steps in stories]
    return {"asked": asked, "products": products}


def event_object(event: ListedEvent) -> JsonObject:
    """Return an event as `events --json` and `why --json` show it."""
    return {
        "event_id": event.event_id,
        "action": event.action,
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
    }


def _story_object(history: History, steps: list[str]) -> JsonObject:
    return {
        "product": None if history.product is None else _product_object(history.product),
        "timeline": [_moment_object(moment) for moment in build_timeline(history)],
        "events": [event_object(event) for event in history.events],
        "changes": [
            {
                "at": iso(change.at),
                "op": change.op,
                "cause": change.cause,
                "run_id": change.run_id,
                "changed": [
                    {"code": item.code, "locale": item.locale, "scope": item.scope}
                    for item in change.changed
                ],
            }
            for change in history.changes
        ],
        "held": bool(history.holds),
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
    }


def _moment_object(moment: Moment) -> JsonObject:
    return {
        "at": iso(moment.at),
        "kind": moment.kind,
        "text": moment.text,
        "run_id": moment.run_id,
    }
