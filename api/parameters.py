"""Parameters of calls, checked: texts that a database can hold, instants that it can compare.

And what a reader wants, as all calls that show products take it.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, AwareDatetime, StringConstraints

from pim.texts import is_storable
from storage.views import ReaderFilter

_LONGEST = 500
_MOST = 1000
_MOST_CODES = 100  # of one kind


def _check_text(text: str) -> str:
    if not is_storable(text) or "\0" in text:
        raise ValueError("is no text that anything could be called")
    return text


def _check_instant(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error


Code = Annotated[str, Query(min_length=1, max_length=_LONGEST), AfterValidator(_check_text)]
Name = Annotated[str, Path(min_length=1, max_length=_LONGEST), AfterValidator(_check_text)]
Instant = Annotated[AwareDatetime, AfterValidator(_check_instant)]
Limit = Annotated[int, Query(ge=1, le=_MOST)]
Position = Annotated[int, Query(ge=0, le=2**63 - 1)]

_Text = Annotated[
    str, StringConstraints(min_length=1, max_length=_LONGEST), AfterValidator(_check_text)
]


def _codes_of(what: str, example: str) -> Any:
    """A parameter that may be repeated: any of these codes."""
    return Query(
        default_factory=list,
        max_length=_MOST_CODES,
        description=f"{what} May be repeated: any of them.",
        openapi_examples={"none": {"value": []}, "one": {"value": [example]}},
    )


def _read_filter(
    channel: Annotated[
        list[_Text],
        _codes_of(
            "Products of the channel's category tree, and values of the channel and of none.",
            "ecommerce",
        ),
    ],
    locale: Annotated[
        list[_Text], _codes_of("Values and labels of the locale, and values of none.", "en_US")
    ],
    family: Annotated[list[_Text], _codes_of("Products of the family.", "lamps")],
    category: Annotated[
        list[_Text], _codes_of("Products in the category, or below it.", "desk_lamps")
    ],
    attribute: Annotated[list[_Text], _codes_of("This attribute alone.", "name")],
) -> ReaderFilter:
    return ReaderFilter(
        channels=tuple(channel),
        locales=tuple(locale),
        families=tuple(family),
        categories=tuple(category),
        attributes=tuple(attribute),
    )


Wanted = Annotated[ReaderFilter, Depends(_read_filter)]
