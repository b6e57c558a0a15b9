"""The bodies that control endpoints are sent; an unknown field is refused."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from simulator.faults import Wire

_RATE = Field(default=None, ge=0, le=1)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EditsBody(_Body):
    """Perform so many operations; `bulk`: that many a save, in place of a natural mix."""

    operations: int = Field(ge=0)
    seed: int | None = None
    bulk: int | None = Field(default=None, ge=1, le=100)
    per_second: float | None = Field(default=None, gt=0)
    wait: bool = True


class PaceBody(_Body):
    """Edit on and on at this pace."""

    per_second: float = Field(ge=0)


class FaultsBody(_Body):
    """Rates to change; what is left out stays."""

    drop: float | None = _RATE
    repeat: float | None = _RATE
    shuffle: float | None = _RATE
    delay: float | None = _RATE
    forge: float | None = _RATE
    shuffle_window_seconds: float | None = Field(default=None, ge=0)
    delay_seconds: float | None = Field(default=None, ge=0)


class WebhookBody(_Body):
    """Where to tell from now on; `url` null: nobody."""

    url: str | None
    secret: str = ""


class ProductBody(_Body):
    """Changes of one product, merged as the PIM does.

    `silent`: no event. `updated`: this instant in place of now. `author`: whose save it is; the
    connection's own is not told of its own saves.
    """

    changes: dict[str, JsonValue] = {}
    silent: bool = False
    updated: str | None = None
    author: str | None = None
    wait: bool = True


class NewProductBody(ProductBody):
    """A product to make; without a uuid it gets one."""

    uuid: str | None = None


class AnswerBody(_Body):
    """Prepared answers for API calls to come; `times` null: all calls until it is forgotten."""

    path: str = "/api/"
    status: int = Field(default=503, ge=0, le=599)
    times: int | None = Field(default=1, ge=1)
    retry_after: float | None = Field(default=None, ge=0)
    html: bool = False
    location: str | None = None
    delay_seconds: float = Field(default=0.0, ge=0)
    trickle_seconds: float = Field(default=0.0, ge=0)
    wire: Wire = Wire.WHOLE


class RightsBody(_Body):
    """Hide a share of the products from the connection; 0 gives all of them back."""

    hidden_share: float = Field(ge=0, le=1)
    seed: int = 0


class LinksBody(_Body):
    """What every `next` link loses, and which host it names instead of the PIM's; empty: well."""

    loses: list[str] = []
    host: str | None = None


class ClockBody(_Body):
    """How far apart the clocks of the PIM's nodes are."""

    skew_seconds: float = Field(ge=0)


class IndexBody(_Body):
    """The search index: another lag, entries to lose (named, or a share), or all indexed anew."""

    lag_seconds: float | None = Field(default=None, ge=0)
    forget: list[str] = []
    forget_share: float = Field(default=0.0, ge=0, le=1)
    seed: int = 0
    rebuild: bool = False


class StructureBody(_Body):
    """Changes of a structure item, made if it is not there; told by the Event Platform alone."""

    changes: dict[str, JsonValue] = {}
    silent: bool = False
    author: str | None = None


class ThingBody(_Body):
    """Changes of a record or an asset: `values` with `locale`, `channel`, `data`; `labels`."""

    changes: dict[str, JsonValue] = {}
    silent: bool = False
    author: str | None = None
    updated: str | None = None


class VersionBody(_Body):
    """What the PIM is from now on.

    `version`: what it tells, null: as its kind does. `identifier_only`: as before version 7.
    `webhook_use_uuid`: the subscription's "use UUID" toggle.
    """

    version: str | None = None
    identifier_only: bool = False
    webhook_use_uuid: bool = False


class TokensBody(_Body):
    """End all bearers, revoked or as if their time had come; the refresh tokens too if asked.

    `locked`: whether the connection gets no new ones from now on. `seconds`: how long those given
    out from now on are good.
    """

    refresh: bool = False
    expired: bool = False
    locked: bool | None = None
    seconds: float | None = Field(default=None, gt=0)


class PlatformBody(_Body):
    """Settings of the Event Platform to change, by their names; what is left out stays."""

    settings: dict[str, JsonValue] = {}


class EndSubscriptionBody(_Body):
    """Suspend, as the platform does, or `revoke`; without an id it is said of all."""

    subscription_id: str | None = None
    revoke: bool = False
    reason: str = "Success rate dropped below 90%"


class CloudEventBody(_Body):
    """An event of the Event Platform as it is to be sent; `id` and `time` are made if left out."""

    type: str
    data: dict[str, JsonValue] = {}
    id: str | None = None
    time: str | None = None
    subscription_id: str | None = None
    wait: bool = True


class NoticeBody(_Body):
    """A notice about a subscription, or about all."""

    notification_type: str
    subscription_id: str | None = None
    reason: str = ""


class AdvanceBody(_Body):
    """How much of the documented time passes at once."""

    seconds: float = Field(default=0.0, ge=0)
