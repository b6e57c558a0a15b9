"""Control of the Event Platform: its state, its settings, its clock, and what it sends."""

from typing import get_args, get_type_hints

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from simulator.api import json_response
from simulator.config import EventPlatformConfig
from simulator.control.bodies import (
    AdvanceBody,
    CloudEventBody,
    EndSubscriptionBody,
    NoticeBody,
    PlatformBody,
)
from simulator.control.director import director_of
from simulator.errors import not_found, unprocessable
from simulator.platform import Platform, Subscription

router = APIRouter(prefix="/_simulator")


@router.get("/platform")
async def get_platform(request: Request) -> Response:
    """Subscribers, subscriptions with what became of their events, counters, settings."""
    return json_response(director_of(request).platform.report())


@router.post("/platform")
async def change_platform(request: Request, body: PlatformBody) -> Response:
    """Change settings by their names, the permission (`checkbox`) among them."""
    platform = director_of(request).platform
    platform.change_settings(_checked(body))
    return json_response(platform.report())


@router.post("/platform/end")
async def end_subscription(request: Request, body: EndSubscriptionBody) -> Response:
    """Suspend a subscription, or all, as the platform itself does; or revoke it."""
    platform = director_of(request).platform
    for subscription in _named(platform, body.subscription_id):
        if body.revoke:
            platform.revoke(subscription, body.reason)
        else:
            platform.suspend(subscription, body.reason, by_user=False)
    return json_response(platform.report())


@router.post("/platform/events")
async def send_event(request: Request, body: CloudEventBody) -> Response:
    """Send an event of any type and data to those that are told of events now."""
    director = director_of(request)
    ends = director.platform.send(
        body.type, dict(body.data), event_id=body.id, time=body.time, to=body.subscription_id
    )
    delivered = body.wait and await director.wait_for(ends)
    return json_response({"subscriptions": len(ends), "delivered": delivered})


@router.post("/platform/notices")
async def send_notice(request: Request, body: NoticeBody) -> Response:
    """Send a notice about a subscription whose status need not have changed."""
    platform = director_of(request).platform
    for subscription in _named(platform, body.subscription_id):
        platform.notify(body.notification_type, subscription, body.reason)
    return json_response(platform.report())


@router.post("/platform/advance")
async def advance_platform(request: Request, body: AdvanceBody) -> Response:
    """Let documented time pass at once; 0 has everybody look at the PIM's clock again."""
    platform = director_of(request).platform
    platform.hours.advance(body.seconds)
    return json_response(platform.report())


def _checked(body: PlatformBody) -> dict[str, object]:
    """The changes with the types that the settings have.

    Raises:
        ApiError: 422, an unknown setting, or a value that it cannot have.
    """
    hints = get_type_hints(EventPlatformConfig, include_extras=True)
    found: dict[str, object] = {}
    for name, value in body.settings.items():
        if name not in hints:
            raise unprocessable(f'There is no setting "{name}".')
        kind, about = get_args(hints[name])
        try:
            found[name] = TypeAdapter(kind).validate_python(value)
        except ValidationError as error:
            raise unprocessable(f'"{name}" cannot be {value!r}.') from error
        if not about.allows(found[name]):
            raise unprocessable(f'"{name}" cannot be {value!r}.')
    return found


def _named(platform: Platform, subscription_id: str | None) -> list[Subscription]:
    known = platform.registry.subscriptions
    if subscription_id is None:
        return [*known.values()]
    if subscription_id not in known:
        raise not_found(f'There is no subscription "{subscription_id}".')
    return [known[subscription_id]]
