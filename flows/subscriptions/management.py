"""Management of our subscriptions as the settings have it: who asks, and which of them are ours."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.run import NoSource, pim_connection
from pim.event_platform import DELIVERIES_PATH
from pim.event_platform_api import (
    HTTPS,
    EventPlatformClient,
    Subscriber,
    Subscription,
    UnfitSetting,
)
from pim.http import CallGate
from pim.vocabulary import SubscriptionStatus
from settings import Settings, SourceSettings, TokenLogin


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the platform has of this connection."""

    subscribers: tuple[Subscriber, ...]
    subscriptions: tuple[Subscription, ...]

    def subscriber_of(self, subscription: Subscription) -> Subscriber | None:
        """The subscriber of a subscription."""
        wanted = subscription.subscriber_id
        return next((each for each in self.subscribers if each.id == wanted), None)


def open_management(
    settings: Settings, *, gate: CallGate | None = None, seconds: float | None = None
) -> EventPlatformClient:
    """Return the client of the settings' PIM; it is to be entered.

    `gate`: the call budget, for the login; `seconds`: a call's time, if not the settings'.

    Raises:
        NoSource: no PIM is configured.
        UnfitSetting: the client id of an App is not known.
    """
    source = settings.source
    if source is None:
        raise NoSource("no PIM is configured: set AKENEO_BASE_URL and its credentials")
    connection = pim_connection(source, seconds=seconds)
    return EventPlatformClient(
        connection,
        api_url=settings.event_platform.api_url,
        client_id=_client_id(source),
        gate=gate,
    )


async def read_overview(client: EventPlatformClient) -> Overview:
    """Read every subscriber that is not deleted, and its subscriptions.

    Raises:
        PlatformError: the platform fails or refuses.
        SourceError: the PIM gives no token.
    """
    subscribers = [
        each for each in await client.list_subscribers() if each.status == SubscriptionStatus.ACTIVE
    ]
    found: list[Subscription] = []
    for subscriber in subscribers:
        found += await client.list_subscriptions(subscriber.id)
    return Overview(tuple(subscribers), tuple(found))


def choose_ours(
    subscriptions: Sequence[Subscription], public_url: str | None
) -> list[Subscription]:
    """Return those that deliver to our receiver; without a public URL every one by https."""
    https = [each for each in subscriptions if each.type == HTTPS]
    if public_url is None:
        return https
    return [each for each in https if each.url.rstrip("/") == f"{public_url}{DELIVERIES_PATH}"]


def _client_id(source: SourceSettings) -> str:
    login = source.login
    if login.client_id:
        return login.client_id
    kind = "App" if isinstance(login, TokenLogin) else "connection"
    raise UnfitSetting(
        f"the Event Platform asks for the client id of the {kind}, and AKENEO_CLIENT_ID is not set",
        cure=f"set AKENEO_CLIENT_ID to the {kind}'s, beside its token or login",
    )
