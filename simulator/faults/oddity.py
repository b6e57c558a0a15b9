"""An oddity as it is asked for: its calls, and what is done to their answers.

These are the bodies of `POST /_simulator/oddities`; an unknown field is refused.
"""

from typing import Annotated, Literal, TypeAlias

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from simulator.faults.wire import Wire

EVENTS = "events"
"""The `path` that stands for deliveries, whose items are what their events tell of."""

ANY_ITEM = "*"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _AtPlace(_Body):
    """`at`: keys and positions with dots between, `*` for any one, `**` for any number of them.

    Empty: the whole. It leads through each of the oddity's `items`, or without such through the
    whole answer.
    """

    at: str = ""


class SetValue(_AtPlace):
    """Another value at a place; a key that is not there is made."""

    does: Literal["set"]
    to: JsonValue

    @field_validator("to")
    @classmethod
    def _can_be_written(cls, value: JsonValue) -> JsonValue:
        try:
            orjson.dumps(value)
        except TypeError as error:
            raise ValueError(f"cannot be written, `raw` can be: {error}") from error
        return value


class WriteRaw(_AtPlace):
    """This text in place of a value, whether or not it is JSON: `NaN`, `01`, `1e999`."""

    does: Literal["raw"]
    text: str


class Rename(_AtPlace):
    """Another key."""

    does: Literal["rename"]
    to: str


class ReplaceText(_AtPlace):
    """Another part of every text at a place: a host, a scheme."""

    does: Literal["replace"]
    text: str = Field(min_length=1)
    by: str


class Misprint(_AtPlace):
    """An instant printed with the digits of UTC and the offset of another zone."""

    does: Literal["misprint"]
    zone: str
    at: str = "updated"


class Turn(_AtPlace):
    """Another type for what is meant to be the same.

    `drop`: nothing at all. `holes`: a list as an object that lacks every second key from 0 on.
    `keyed`: a list as an object with all its keys. `listed`: an object as the list of its values.
    `text` and `number`: as such. `single`: a list's first item in place of the list. `wrapped`: a
    list of that one value.
    """

    does: Literal["drop", "holes", "keyed", "listed", "text", "number", "single", "wrapped"]


class Double(_Body):
    """The selected items (without `items`: the first one) twice.

    On one page, one after the other (`next`), the second time at its `end`, or on the `later` page.
    """

    does: Literal["double"]
    where: Literal["next", "end", "later"] = "next"


class Extra(_Body):
    """An item that does not belong on the page, before all others."""

    does: Literal["extra"]
    item: JsonValue


class Page(_Body):
    """Another form of page.

    `leave_out`: without the selected items. `empty`: without any. `circle`: `next` repeats what
    asked for this page. `ends`: no `next`, whatever follows; `items_count` stays. `bare`: the items
    alone, as an array. `enveloped`: an array as a page.
    """

    does: Literal["leave_out", "empty", "circle", "ends", "bare", "enveloped"]


class Refuse(_Body):
    """A status in place of the answer: in the PIM's JSON, or with the page of a proxy (`html`)."""

    does: Literal["refuse"]
    status: int = Field(default=500, ge=200, le=599)
    message: str | None = None
    html: bool = False


class Wait(_Body):
    """So much time before the answer."""

    does: Literal["wait"]
    seconds: float = Field(gt=0)


class OnWire(_Body):
    """What becomes of the connection."""

    does: Literal["wire"]
    wire: Wire


class Cut(_Body):
    """The text ends after this share of it, and says that it is whole."""

    does: Literal["cut"]
    share: float = Field(default=0.5, ge=0, lt=1)


class Pad(_Body):
    """So many bytes of white space behind the answer."""

    does: Literal["pad"]
    bytes: int = Field(gt=0)


PlaceChange: TypeAlias = SetValue | WriteRaw | Rename | ReplaceText | Misprint | Turn
PageChange: TypeAlias = Double | Extra | Page
WireChange: TypeAlias = Refuse | Wait | OnWire | Cut | Pad
Change: TypeAlias = Annotated[PlaceChange | PageChange | WireChange, Field(discriminator="does")]

_ANSWERS_ONLY = (Refuse, Wait, OnWire)


class SearchAsk(_Body):
    """A criterion that must stand in the call's `search`; `operator` null: with any operator."""

    field: str
    operator: str | None = None


class Oddity(_Body):
    """An oddity: what is `done`, in this order, to each answer that it is for.

    `path` is a glob for the path below `/api/rest/v1/`, or if it begins with a slash for all of
    it; `events` stands for deliveries. `query`: parameters that the call must have, each with a
    part of its text (null: any); `without`: those that it must not have. `page`: the number of the
    page, by cursor too. `items`: the answer is, or lists, one of these uuids, identifiers or codes
    (`*`: any); what is done at a place is done in each of them. `times`: for so many calls.
    """

    path: str = "*"
    method: str | None = None
    query: dict[str, str | None] = {}
    without: list[str] = []
    search: SearchAsk | None = None
    page: int | None = Field(default=None, ge=1)
    items: list[str] = []
    times: int | None = Field(default=None, ge=1)
    done: list[Change] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_deliveries(self) -> "Oddity":
        if self.path == EVENTS and any(isinstance(each, _ANSWERS_ONLY) for each in self.done):
            raise ValueError("a delivery is no answer: its events and its text can be odd")
        return self
