"""Routes of the management API: subscribers, subscriptions and logs, as one client sees its own."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from pim.json_types import JsonObject
from simulator.api import json_response
from simulator.errors import ApiError
from simulator.news import make_id
from simulator.platform.platform import Platform
from simulator.platform.refusals import PlatformRefusal, conflict, invalid
from simulator.platform.registry import Status, Subscriber, Subscription
from simulator.platform.specs import Spec, check_subscriber, check_subscription, merge_body

ROOT = "/event-platform/api/v1"
_ONE = "/subscribers/{subscriber_id}"
_SUBSCRIPTIONS = f"{_ONE}/subscriptions"
_SUBSCRIPTION = f"{_SUBSCRIPTIONS}/{{subscription_id}}"
_MOST_LOGS = 1000
_SUCCESS = range(200, 300)

router = APIRouter(prefix=ROOT)


class Caller(NamedTuple):
    """Whose call it is, and what it is about."""

    platform: Platform
    client_id: str
    subject: str

    def subscription(self, request: Request, *, ended: bool = False) -> Subscription:
        """The subscription that the path names.

        Raises:
            PlatformRefusal: 404.
        """
        named = request.path_params["subscriber_id"], request.path_params["subscription_id"]
        return self.platform.registry.subscription(self.client_id, *named, ended=ended)


@router.post("/subscribers")
async def create_subscriber(request: Request) -> Response:
    """Make a subscriber."""
    platform, client_id, subject = _caller(request)
    body = check_subscriber(await _body(request))
    now = platform.hours.told()
    subscriber = Subscriber(_new_id(now), client_id, subject, body, now, now)
    platform.registry.add_subscriber(subscriber)
    platform.keep()
    return json_response(subscriber.shown(), HTTPStatus.CREATED)


@router.get("/subscribers")
async def list_subscribers(request: Request) -> Response:
    """The client's subscribers."""
    caller = _caller(request)
    found = caller.platform.registry.subscribers_of(caller.client_id)
    return _list(caller.platform, [each.shown() for each in found])


@router.get(_ONE)
async def get_subscriber(request: Request, subscriber_id: str) -> Response:
    """One subscriber."""
    caller = _caller(request)
    subscriber = caller.platform.registry.subscriber(caller.client_id, subscriber_id)
    return json_response(subscriber.shown())


@router.patch(_ONE)
async def change_subscriber(request: Request, subscriber_id: str) -> Response:
    """Change a subscriber."""
    platform, client_id, _ = _caller(request)
    subscriber = platform.registry.subscriber(client_id, subscriber_id)
    known = subscriber.body if platform.config.patch_mode == "merge" else {}
    subscriber.body = check_subscriber(merge_body(known, await _body(request)))
    subscriber.updated_at = platform.hours.told()
    platform.keep()
    return json_response(subscriber.shown())


@router.delete(_ONE)
async def delete_subscriber(request: Request, subscriber_id: str) -> Response:
    """Delete a subscriber for good, with its subscriptions."""
    platform, client_id, _ = _caller(request)
    subscriber = platform.registry.subscriber(client_id, subscriber_id)
    for subscription in platform.registry.subscriptions_of(subscriber_id):
        platform.delete(subscription)
    subscriber.status = Status.DELETED
    subscriber.updated_at = platform.hours.told()
    platform.keep()
    return json_response(subscriber.shown())


@router.post(_SUBSCRIPTIONS)
async def create_subscription(request: Request, subscriber_id: str) -> Response:
    """Make a subscription; it is told some minutes from now on."""
    platform, client_id, subject = _caller(request)
    platform.registry.subscriber(client_id, subscriber_id)
    _check_permission(platform)
    body = {"subject": subject, **await _body(request)}
    spec = _checked(platform, client_id, body, "create")
    if platform.config.head_check_on_create and spec.is_https:
        status = await platform.sender.head(spec.url, platform.config.timeout_s)
        if status is None or status not in _SUCCESS:
            raise invalid(f"config.url does not answer HEAD: {status or 'no answer'}")
    now = platform.hours.told()
    subscription = Subscription(_new_id(now), subscriber_id, spec, now, now)
    platform.add(subscription)
    platform.force(subscription)
    platform.logbook.note_action("subscription_created", subscription, _told(request))
    platform.keep()
    shown = subscription.shown(secrets=platform.config.secrets_in_create_answer)
    return json_response(shown, HTTPStatus.CREATED)


@router.get(_SUBSCRIPTIONS)
async def list_subscriptions(request: Request, subscriber_id: str) -> Response:
    """The active and the suspended subscriptions of a subscriber."""
    caller = _caller(request)
    registry = caller.platform.registry
    registry.subscriber(caller.client_id, subscriber_id)
    found = registry.subscriptions_of(subscriber_id)
    return _list(caller.platform, [each.shown() for each in found])


@router.get(_SUBSCRIPTION)
async def get_subscription(request: Request) -> Response:
    """One subscription."""
    return json_response(_caller(request).subscription(request).shown())


@router.patch(_SUBSCRIPTION)
async def change_subscription(request: Request) -> Response:
    """Change a subscription; what was before goes on for some minutes."""
    caller = _caller(request)
    platform, subscription = caller.platform, caller.subscription(request)
    known = subscription.spec.body if platform.config.patch_mode == "merge" else {}
    changes = await _body(request)
    subject = {"subject": subscription.spec.body["subject"]}
    body = merge_body({**subject, **known}, changes)
    subscription.spec = _checked(platform, caller.client_id, body, "update")
    if subscription.status is Status.ACTIVE:
        platform.force(subscription)
    subscription.updated_at = platform.hours.told()
    platform.logbook.note_action("subscription_updated", subscription, _told(request))
    platform.keep()
    return json_response(subscription.shown())


@router.delete(_SUBSCRIPTION)
async def delete_subscription(request: Request) -> Response:
    """Delete a subscription for good."""
    caller = _caller(request)
    subscription = caller.subscription(request)
    caller.platform.delete(subscription)
    caller.platform.keep()
    return json_response(subscription.shown())


@router.post(f"{_SUBSCRIPTION}/suspend")
async def suspend_subscription(request: Request) -> Response:
    """Suspend a subscription at once: from now on its events are lost."""
    caller = _caller(request)
    subscription = _living(caller.subscription(request, ended=True))
    caller.platform.suspend(subscription, by_user=True)
    return json_response(subscription.shown(), HTTPStatus.ACCEPTED)


@router.post(f"{_SUBSCRIPTION}/resume")
async def resume_subscription(request: Request) -> Response:
    """Resume a subscription; it is told some minutes from now on."""
    caller = _caller(request)
    subscription = _living(caller.subscription(request, ended=True))
    _check_permission(caller.platform)
    caller.platform.resume_subscription(subscription)
    return json_response(subscription.shown(), HTTPStatus.ACCEPTED)


@router.get("/logs")
async def list_logs(
    request: Request,
    log_type: str | None = None,
    order: str = "asc",
    limit: str = "100",
    subscription_id: str | None = None,
) -> Response:
    """Errors and actions of the client's subscriptions."""
    platform, client_id, _ = _caller(request)
    if log_type not in {None, "error", "action"} or order not in {"asc", "desc"}:
        raise invalid("log_type must be error or action, order must be asc or desc")
    if not limit.isdecimal() or not 1 <= int(limit) <= _MOST_LOGS:
        raise invalid(f"limit must be between 1 and {_MOST_LOGS}")
    own = {each.id for each in platform.registry.subscribers_of(client_id)}
    subscriptions = platform.registry.subscriptions.values()
    visible = {client_id, *(each.id for each in subscriptions if each.subscriber_id in own)}
    items = platform.logbook.list_entries(
        frozenset(visible),
        log_type=log_type,
        newest_first=order == "desc",
        limit=int(limit),
        subscription_id=subscription_id,
    )
    shown = None if not items and platform.config.empty_list_as_null else items
    return json_response({"items": shown})


def _caller(request: Request) -> Caller:
    """Who calls.

    Raises:
        PlatformRefusal: 401, a header is missing, or the token is none of the PIM's living ones.
    """
    platform = request.app.state.director.platform
    assert isinstance(platform, Platform)  # noqa: S101 - build_simulator put it there
    url, token, client_id = (
        request.headers.get(f"X-PIM-{name}", "") for name in ("URL", "TOKEN", "CLIENT-ID")
    )
    if not url.startswith(("https://", "http://")) or not client_id:
        raise PlatformRefusal(HTTPStatus.UNAUTHORIZED, "X-PIM-URL or X-PIM-CLIENT-ID is missing")
    try:
        platform.simulation.tokens.check(f"Bearer {token}")
    except ApiError as error:
        raise PlatformRefusal(HTTPStatus.UNAUTHORIZED, "the PIM refuses X-PIM-TOKEN") from error
    return Caller(platform, client_id, url.rstrip("/"))


async def _body(request: Request) -> JsonObject:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise invalid("the body is not JSON") from error
    if not isinstance(body, dict):
        raise invalid("the body is not a JSON object")
    return body


def _checked(platform: Platform, client_id: str, body: JsonObject, what: str) -> Spec:
    """The subscription that a body asks for; what is refused is in the logs."""
    try:
        return check_subscription(body, platform.config)
    except PlatformRefusal as refusal:
        platform.logbook.note_refusal(
            client_id, f"failed_to_{what}_subscription", int(refusal.status), str(refusal)
        )
        raise


def _check_permission(platform: Platform) -> None:
    if not platform.config.checkbox:
        raise PlatformRefusal(
            HTTPStatus.FORBIDDEN, "the connection is not allowed to use the Event Platform"
        )


def _living(subscription: Subscription) -> Subscription:
    if subscription.status in {Status.DELETED, Status.REVOKED}:
        raise conflict(f"subscription is {subscription.status.value}")
    return subscription


def _list(platform: Platform, items: list[JsonObject]) -> Response:
    return json_response(None if not items and platform.config.empty_list_as_null else items)


def _told(request: Request) -> JsonObject:
    return {"method": request.method, "url": request.url.path, "body": ""}


def _new_id(now: float) -> str:
    return make_id(datetime.fromtimestamp(now, UTC))
