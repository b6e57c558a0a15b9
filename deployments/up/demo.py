"""Demo: with no PIM configured, the simulator plays a shop's PIM.

The rest of the system is told of it as of any other PIM, by the environment.
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

EVENTS_PATH = "/webhooks/events-api"
PLATFORM_PATH = "/webhooks/event-platform"
MANAGEMENT_PATH = "/event-platform/api/v1"
DEMO_HOST = "127.0.0.1"
PORT_DISTANCE = 90
"""The demo's PIM listens beside the receiver, 8090 beside 8000: two demos need no other's port."""

DEMO_PRODUCTS = 1761
DEMO_MODELS = 60
"""With the variants of its models, one product in eight, the demo's shop has 2,000 products."""
DEMO_EDITION: Final = "EE"
"""With reference entities and assets, too: the demo shows all that is mirrored."""
PLATFORM_TIME_SCALE = 10
"""What takes the Event Platform five minutes takes the demo's half a minute."""
SHOP_FILE = "var/demo-shop.db"
"""Beside the store: the shop's PIM must not have forgotten what the store remembers."""


def _draw() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo's PIM: its address, its shop's file, and credentials made up for this run.

    It tells of its edits in both dialects: each change comes twice, and is read once.
    """

    port: int
    receiver_url: str
    shop: Path
    host: str = DEMO_HOST
    edits_per_second: float = 1.0
    client_id: str = "demo_client"
    username: str = "demo_connection"
    client_secret: str = field(default_factory=_draw, repr=False)
    password: str = field(default_factory=_draw, repr=False)
    webhook_secret: str = field(default_factory=_draw, repr=False)
    platform_secret: str = field(default_factory=_draw, repr=False)
    notification_secret: str = field(default_factory=_draw, repr=False)

    @property
    def base_url(self) -> str:
        """Return the PIM's address."""
        return f"http://{self.host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return the settings under which our other processes mirror it."""
        return {
            "AKENEO_BASE_URL": self.base_url,
            "AKENEO_CLIENT_ID": self.client_id,
            "AKENEO_CLIENT_SECRET": self.client_secret,
            "AKENEO_USERNAME": self.username,
            "AKENEO_PASSWORD": self.password,
            "AKENEO_WEBHOOK_SECRETS": self.webhook_secret,
            "AKENEO_EVENT_PLATFORM_SECRETS": self.platform_secret,
            "AKENEO_EVENT_PLATFORM_NOTIFICATION_SECRET": self.notification_secret,
            "AKENEO_EVENT_PLATFORM_URL": f"{self.base_url}{MANAGEMENT_PATH}",
            "SYNC_PUBLIC_URL": self.receiver_url,
        }

    def simulator_environment(self) -> dict[str, str]:
        """Return what `akeneo-sync simulator` is told by the environment.

        Everybody on the machine can read a command line (`ps`).
        """
        return {
            "SIMULATOR_CLIENT_SECRET": self.client_secret,
            "SIMULATOR_PASSWORD": self.password,
            "SIMULATOR_WEBHOOK_SECRET": self.webhook_secret,
            "SIMULATOR_PLATFORM_PRIMARY_SECRET": self.platform_secret,
            "SIMULATOR_PLATFORM_NOTIFICATION_SECRET": self.notification_secret,
        }

    def arguments(self) -> tuple[str, ...]:
        """Return the arguments of `akeneo-sync simulator`."""
        options = {
            "host": self.host,
            "port": self.port,
            "client-id": self.client_id,
            "username": self.username,
            "webhook-url": f"{self.receiver_url}{EVENTS_PATH}",
            "platform-url": f"{self.receiver_url}{PLATFORM_PATH}",
            "platform-notification-url": f"{self.receiver_url}{PLATFORM_PATH}/notifications",
            "platform-time-scale": PLATFORM_TIME_SCALE,
            # By the worst reading one failure in a quiet hour suspends, and a demo is killed often.
            "platform-success-min-attempts": 20,
            "products": DEMO_PRODUCTS,
            "models": DEMO_MODELS,
            "edition": DEMO_EDITION,
            "shop": self.shop,
            "edits-per-second": self.edits_per_second,
            # Deliveries come twice and in the wrong order, as they do: the store must not mind.
            "repeat": 0.05,
            "shuffle": 0.1,
        }
        return ("simulator", *(f"--{name}={value}" for name, value in options.items()))
