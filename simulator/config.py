"""Settings of the simulated PIM: plain values, handed in by whoever starts it.

The command `akeneo-sync simulator` makes an option of each.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

_VERSION = "7.0.65"
_CLOUD_VERSION = "20260302041041"
_LEGACY_VERSION = "6.0.113"

Edition: TypeAlias = Literal["CE", "EE"]


@dataclass(frozen=True, slots=True)
class About:
    """What a setting is, for who starts the simulator: one line, its range, its variable.

    `variable` names it in the environment, where a command line would tell a secret.
    """

    text: str
    least: float | None = None
    most: float | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong with deliveries: rates from 0 to 1, drawn from the simulator's seed.

    `drop`, `repeat`, `delay` and `shuffle` are drawn per delivery, `forge` adds a delivery with
    harmful content, signed with a secret that the PIM does not know.
    """

    drop: Annotated[float, About("Share of deliveries that is lost.", 0.0, 1.0)] = 0.0
    repeat: Annotated[float, About("Share of deliveries that comes twice.", 0.0, 1.0)] = 0.0
    shuffle: Annotated[float, About("Share of deliveries that is overtaken.", 0.0, 1.0)] = 0.0
    delay: Annotated[float, About("Share of deliveries that comes late.", 0.0, 1.0)] = 0.0
    forge: Annotated[float, About("Share of harmful deliveries added.", 0.0, 1.0)] = 0.0
    shuffle_window_seconds: Annotated[
        float, About("How long an overtaken delivery is kept back.", 0.0)
    ] = 0.5
    delay_seconds: Annotated[float, About("How late a late delivery is.", 0.0)] = 2.0


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """Everything the simulated PIM needs to start.

    `models`: their sub-models and variants come on top of the `products`.
    `webhook_url` None: events are made and counted, but nobody is told.
    `identifier_only`: no `/products-uuid`, no uuid in an event.
    `public_url`: for hrefs and `pim_source`; None: the address it listens on.
    `app_token` is valid for ever. `requests_per_hour` None: no limit.
    `edition` EE: it has reference entities with `records`, asset families with `assets`, and
    products that name them; attributes of every type it has anyway.
    `saas`: values tell their attribute's type, as in the cloud. `version` None: as its kind does.
    `shop` None: it is in memory alone. What decides how a shop begins (`seed`, `products`, …)
    counts at its first start.
    """

    host: Annotated[str, About("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, About("Port to listen on; 0 takes any free one.", 0, 65_535)] = 8090
    products: Annotated[int, About("How many simple products it has.", 0)] = 2000
    models: Annotated[int, About("Root models beside them, with about four variants each.", 0)] = 0
    seed: Annotated[int, About("Decides products, edits and faults.")] = 1
    client_id: Annotated[str, About("Credentials it accepts.")] = "demo_client"
    client_secret: Annotated[
        str, About("Credentials it accepts.", variable="SIMULATOR_CLIENT_SECRET")
    ] = "demo_client_secret"  # noqa: S105 - the demo's public credentials
    username: Annotated[str, About("Credentials it accepts.")] = "demo_connection"
    password: Annotated[str, About("Credentials it accepts.", variable="SIMULATOR_PASSWORD")] = (
        "demo_password"  # noqa: S105 - the demo's public credentials
    )
    token_seconds: Annotated[float, About("How long a token of its lives.", 0.1)] = 3600.0
    app_token: Annotated[str | None, About("An App's access token that it accepts.")] = None
    webhook_url: Annotated[str | None, About("Where deliveries go; without it nobody is told.")] = (
        None
    )
    webhook_secret: Annotated[
        str | None,
        About("The secret that signs deliveries.", variable="SIMULATOR_WEBHOOK_SECRET"),
    ] = None
    webhook_use_uuid: Annotated[bool, About("The subscription's toggle: products by uuid.")] = False
    webhook_timeout_seconds: Annotated[
        float, About("How long a delivery waits for its answer.", 0.01)
    ] = 0.5
    webhook_concurrency: Annotated[int, About("Deliveries under way at one time.", 1)] = 5
    requests_per_hour: Annotated[
        int | None, About("Deliveries an hour, then silence, as PIMs do.", 1)
    ] = None
    identifier_only: Annotated[bool, About("Speak as PIM 5 and 6 do: no uuids.")] = False
    edits_per_second: Annotated[float, About("Edits made by itself; 0 makes none.", 0.0)] = 0.0
    index_lag_seconds: Annotated[
        float, About("How far searches stay behind single reads.", 0.0)
    ] = 0.0
    page_latency_seconds: Annotated[
        float, About("How long a page of products takes at least.", 0.0)
    ] = 0.0
    timezone: Annotated[str, About("Where it reads the local times of product filters.")] = "UTC"
    public_url: Annotated[str | None, About("The address it calls itself by.")] = None
    edition: Annotated[Edition, About("CE, or EE with reference entities and assets.")] = "CE"
    records: Annotated[int, About("Records of an Enterprise PIM.", 0)] = 200
    assets: Annotated[int, About("Assets of an Enterprise PIM.", 0)] = 200
    every_type: Annotated[bool, About("Attributes of every type, in any edition.")] = False
    saas: Annotated[bool, About("Values say what only the cloud says of them.")] = False
    version: Annotated[str | None, About("The version that it tells of itself.")] = None
    most_items: Annotated[int, About("Items that a page by cursor has at most.", 1, 100)] = 100
    shop: Annotated[
        Path | None, About("Where the shop is kept between starts; otherwise in memory.")
    ] = None
    faults: Faults = field(default_factory=Faults)

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
