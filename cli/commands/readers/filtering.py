"""Filters on the command line: options that may be repeated, and codes that there are not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from storage import UnknownCode
from storage.views import ReaderFilter

Codes = list[str] | None

Channels = Annotated[
    Codes,
    typer.Option(
        "--channel",
        metavar="CODE",
        help="Products of the channel's category tree, with values of the channel and of none.",
    ),
]
Locales = Annotated[
    Codes,
    typer.Option(
        "--locale", metavar="CODE", help="Values and labels of the locale, and values of none."
    ),
]
Families = Annotated[
    Codes, typer.Option("--family", metavar="CODE", help="Products of the family.")
]
Categories = Annotated[
    Codes,
    typer.Option("--category", metavar="CODE", help="Products in the category, or below it."),
]
Attributes = Annotated[
    Codes, typer.Option("--attribute", metavar="CODE", help="This attribute alone.")
]


def read_filter(
    channel: Codes, locale: Codes, family: Codes, category: Codes, attribute: Codes
) -> ReaderFilter:
    """Make one filter of the options."""
    return ReaderFilter(
        channels=tuple(channel or ()),
        locales=tuple(locale or ()),
        families=tuple(family or ()),
        categories=tuple(category or ()),
        attributes=tuple(attribute or ()),
    )


@contextmanager
def refused_codes(option: str | None = None) -> Iterator[None]:
    """Turn a code that there is not into wrong usage: of that option, or else of its kind's.

    Raises:
        typer.BadParameter: a code is unknown; the line says which, and what was perhaps meant.
    """
    try:
        yield
    except UnknownCode as error:
        raise typer.BadParameter(str(error), param_hint=option or f"--{error.kind}") from error
