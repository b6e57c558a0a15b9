"""The ready-made subscription that settings ask for: told from the start, with stable ids."""

from uuid import NAMESPACE_URL, uuid5

from pim.json_types import JsonObject
from simulator.config import SimulatorConfig
from simulator.news import BASIC_TYPES
from simulator.platform.registry import Subscriber, Subscription
from simulator.platform.specs import Spec, check_subscriber, check_subscription

_NAMES = "https://event.prd.sdk.akeneo.cloud/simulated"


def check_ready_made(config: SimulatorConfig) -> None:
    """Whether a subscription can be made as the settings have it, if they have one.

    Raises:
        PlatformRefusal: 400, why not.
    """
    ready_made(config, 0.0)


def ready_made(config: SimulatorConfig, now: float) -> tuple[Subscriber, Subscription] | None:
    """The subscriber and the subscription of the settings; None without a URL in them.

    Raises:
        PlatformRefusal: 400, a subscription could not be made so.
    """
    platform = config.platform
    if platform.url is None:
        return None
    contact: JsonObject = {"technical_email": "ops@example.test"}
    if platform.notification_url is not None:
        contact.update(
            notification_channels=["email", "webhook"],
            notification_webhook_url=platform.notification_url,
            notification_webhook_secret=platform.notification_secret,
        )
    events = BASIC_TYPES if platform.events is None else platform.events.split(",")
    secret: JsonObject = {"primary": platform.primary_secret}
    if platform.secondary_secret is not None:
        secret["secondary"] = platform.secondary_secret
    spec = check_subscription(
        {
            "source": "pim",
            "subject": config.base_url,
            "type": "https",
            "events": [each.strip() for each in events],
            "config": {"url": platform.url, "secret": secret},
        },
        platform,
    )
    subscriber = Subscriber(
        id=_stable_id(config, "subscriber"),
        client_id=config.client_id,
        subject=config.base_url,
        body=check_subscriber({"name": "ready-made", "contact": contact}),
        created_at=now,
        updated_at=now,
    )
    return subscriber, _told_from_the_start(config, subscriber, spec, now)


def _told_from_the_start(
    config: SimulatorConfig, subscriber: Subscriber, spec: Spec, now: float
) -> Subscription:
    return Subscription(
        id=_stable_id(config, "subscription"),
        subscriber_id=subscriber.id,
        spec=spec,
        created_at=now,
        updated_at=now,
        in_force=[(0.0, spec)],
    )


def _stable_id(config: SimulatorConfig, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{_NAMES}/{config.seed}/{what}"))
