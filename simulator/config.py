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

    def allows(self, value: object) -> bool:
        """Whether a value is within the range, if it is a number that has one."""
        if not isinstance(value, int | float):
            return True
        least = value if self.least is None else self.least
        return least <= value <= (value if self.most is None else self.most)


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
class EventPlatformConfig:
    """The Event Platform beside this PIM, and how it does what its documents leave open.

    `time_scale`: waits, windows and ages are so many times shorter than the documented ones, which
    is what the settings in seconds name. The rate of deliveries is not scaled.
    `url` given: a subscription with these secrets is there from the start, active, with stable ids.
    `events` None: every type of products and models but the deltas, and of the structure.
    """

    checkbox: Annotated[bool, About("The connection may subscribe to the Event Platform.")] = True
    time_scale: Annotated[
        float, About("How many times faster its delays and hours pass.", 0.001)
    ] = 1.0
    url: Annotated[
        str | None, About("Where a ready-made subscription of the Event Platform delivers.")
    ] = None
    primary_secret: Annotated[
        str | None,
        About("Signs the ready-made subscription.", variable="SIMULATOR_PLATFORM_PRIMARY_SECRET"),
    ] = None
    secondary_secret: Annotated[
        str | None,
        About("Signs it too.", variable="SIMULATOR_PLATFORM_SECONDARY_SECRET"),
    ] = None
    notification_url: Annotated[
        str | None, About("Where notices of the ready-made subscription go.")
    ] = None
    notification_secret: Annotated[
        str | None,
        About("Signs those notices.", variable="SIMULATOR_PLATFORM_NOTIFICATION_SECRET"),
    ] = None
    events: Annotated[
        str | None, About("Event types of the ready-made subscription, separated by commas.")
    ] = None
    lose_notices: Annotated[bool, About("No notice of a suspension arrives.")] = False
    https_only: Annotated[bool, About("Destinations must be https, as at Akeneo.")] = False
    content_type: Annotated[
        Literal["application/json", "application/cloudevents+json"],
        About("Content-Type of its deliveries."),
    ] = "application/json"
    user_agent: Annotated[str, About("User-Agent of its deliveries.")] = "akeneo/event-platform"
    x_correlation_id: Annotated[
        Literal["random", "none"], About("X-Correlation-ID of its deliveries.")
    ] = "random"
    accept_status: Annotated[
        Literal["200", "2xx"], About("Which answers it takes for a delivery received.")
    ] = "200"
    timeout_s: Annotated[float, About("How long a delivery waits for its answer.", 0.01)] = 5.0
    retry_on_4xx: Annotated[bool, About("Answers 4xx are tried again as 5xx are.")] = False
    retry_delays_s: Annotated[
        tuple[float, float, float], About("Waits before the second to the fourth attempt.")
    ] = (300.0, 600.0, 1200.0)
    rate_min: Annotated[float, About("Lowest rate, in events a second.", 0.001)] = 1.0
    rate_max: Annotated[float, About("Highest rate.", 0.001)] = 100.0
    rate_start: Annotated[float, About("Rate of a new subscription.", 0.001)] = 100.0
    rate_up: Annotated[float, About("Share by which the rate grows in a second.", 0.0)] = 0.1
    rate_down: Annotated[float, About("Factor of the rate at each answer 429.", 0.0, 1.0)] = 0.5
    parallel: Annotated[int, About("Deliveries of a subscription under way at once.", 1)] = 10
    throttled_fail_after_s: Annotated[
        float, About("Age at which an event answered 429 counts as a failure.", 0.0)
    ] = 3600.0
    throttled_drop_after_s: Annotated[
        float, About("Age at which such an event is dropped.", 0.0)
    ] = 28_800.0
    success_min_attempts: Annotated[
        int, About("Attempts in the hour before the success rate counts.", 1)
    ] = 1
    success_unit: Annotated[Literal["attempt", "event"], About("What the success rate counts.")] = (
        "attempt"
    )
    activation_delay_s: Annotated[
        float, About("How long a new, changed or resumed subscription takes to be so.", 0.0)
    ] = 180.0
    head_check_on_create: Annotated[bool, About("A HEAD request tries a new destination.")] = False
    secrets_in_create_answer: Annotated[
        bool, About("The answer to a creation shows the secrets.")
    ] = False
    patch_mode: Annotated[
        Literal["merge", "replace"], About("What PATCH does with what is left out.")
    ] = "merge"
    empty_list_as_null: Annotated[bool, About("An empty list is null.")] = True
    same_id_for_delta_and_updated: Annotated[
        bool, About("One change has one id, as updated and as updated.delta.")
    ] = False
    same_id_across_subscriptions: Annotated[
        bool, About("One event has one id in every subscription.")
    ] = True
    author_on_completeness: Annotated[bool, About("Completeness events name an author.")] = False
    author_user_form: Annotated[
        Literal["uuid", "name"], About("How a person is named as an author.")
    ] = "uuid"
    source_value: Annotated[
        Literal["akeneo-event-platform", "pim"], About("The source that events name.")
    ] = "akeneo-event-platform"
    time_fraction_digits: Annotated[
        Literal["0", "3", "6", "9"], About("Digits after the second in an event's time.")
    ] = "0"
    events_for_invisible_products: Annotated[
        bool, About("Events tell of what the connection may not see.")
    ] = True
    variant_events_on_parent_change: Annotated[
        bool, About("Variants are told of when a model above them changes.")
    ] = False
    variant_events_on_parent_delete: Annotated[
        bool, About("Variants and sub-models are told of when a model goes.")
    ] = False
    max_body_bytes: Annotated[int | None, About("Events larger than this are not sent.", 1)] = None
    resumes_before_revoke: Annotated[
        int | None, About("So many resumes, and the next one revokes.", 1)
    ] = None
    filter_user_accepts_client_id: Annotated[
        bool, About("A filter on user finds API clients by their id.")
    ] = False


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
    timezone: Annotated[str, About("Of the local times of product filters, and of events.")] = "UTC"
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
    platform: EventPlatformConfig = field(default_factory=EventPlatformConfig)

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
