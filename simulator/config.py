"""Settings of the simulated PIM: plain values, handed in by whoever starts it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

_VERSION = "7.0.65"
_CLOUD_VERSION = "20260302041041"
_LEGACY_VERSION = "6.0.113"

Edition: TypeAlias = Literal["CE", "EE"]


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong with deliveries: rates from 0 to 1, drawn from the simulator's seed.

    `drop`, `repeat`, `delay` and `shuffle` are drawn per delivery, `forge` adds a delivery with
    harmful content, signed with a secret that the PIM does not know.
    """

    drop: float = 0.0
    repeat: float = 0.0
    shuffle: float = 0.0
    delay: float = 0.0
    forge: float = 0.0
    shuffle_window_seconds: float = 0.5
    delay_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """Everything the simulated PIM needs to start; port 0 means any free port.

    `products`: how many simple products there are. `models`: how many root models there are beside
    them; their sub-models and variants (about four a root) come on top.
    `webhook_url` None: events are made and counted, but nobody is told.
    `webhook_use_uuid`: the subscription's "use UUID" toggle. `identifier_only`: the PIM speaks as
    versions 5 and 6 do: no `/products-uuid`, no uuid in an event.
    `edits_per_second` 0: edits only on request. `index_lag_seconds`: how far lists and searches
    stay behind the database. `public_url`: the PIM's configured address, for hrefs and
    `pim_source`; None: the address it listens on. `page_latency_seconds`: how long a page of
    products takes at least, as a real PIM needs time. `app_token`: a bearer of an App, valid
    for ever. `timezone`: where the PIM reads the local times of its product filters.
    `requests_per_hour`: deliveries an hour until the PIM goes silent; None: no limit.
    `edition` EE: it has reference entities with `records`, asset families with `assets`, and
    products that name them. `every_type`: attributes of every type there is, in any edition; an
    Enterprise PIM has them anyway. `saas`: values tell their attribute's type, as in the cloud.
    `version`: what the PIM tells of itself; None: as its kind does.
    `shop`: the file that keeps the shop from one start to the next; None: it is in memory alone.
    What decides how a shop begins (`seed`, `products`, …) counts at its first start.
    `most_items`: so many items a page by cursor has at most, for small shops with many pages.
    """

    host: str = "127.0.0.1"
    port: int = 8090
    products: int = 2000
    models: int = 0
    seed: int = 1
    client_id: str = "demo_client"
    client_secret: str = "demo_client_secret"  # noqa: S105 - the demo's public credentials
    username: str = "demo_connection"
    password: str = "demo_password"  # noqa: S105 - the demo's public credentials
    token_seconds: float = 3600.0
    app_token: str | None = None
    webhook_url: str | None = None
    webhook_secret: str | None = None
    webhook_use_uuid: bool = False
    webhook_timeout_seconds: float = 0.5
    webhook_concurrency: int = 5
    requests_per_hour: int | None = None
    identifier_only: bool = False
    edits_per_second: float = 0.0
    index_lag_seconds: float = 0.0
    page_latency_seconds: float = 0.0
    timezone: str = "UTC"
    public_url: str | None = None
    edition: Edition = "CE"
    records: int = 200
    assets: int = 200
    every_type: bool = False
    saas: bool = False
    version: str | None = None
    most_items: int = 100
    faults: Faults = field(default_factory=Faults)
    shop: Path | None = None

    @property
    def is_enterprise(self) -> bool:
        """Whether this PIM has what only the Enterprise Edition has."""
        return self.edition == "EE"

    @property
    def told_version(self) -> str:
        """The version that the PIM tells."""
        if self.version is not None:
            return self.version
        if self.saas:
            return _CLOUD_VERSION
        return _LEGACY_VERSION if self.identifier_only else _VERSION

    @property
    def kind_of_shop(self) -> str:
        """What a kept shop must have been made with to go on as this PIM's."""
        traits = {
            f"edition {self.edition}": True,
            "every type": self.every_type,
            "saas": self.saas,
            "identifiers only": self.identifier_only,
            "models": self.models > 0,
        }
        return ", ".join(trait for trait, has in traits.items() if has)

    @property
    def base_url(self) -> str:
        """The PIM's own address, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
