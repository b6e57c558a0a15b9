"""`akeneo-sync changes`."""

import sys
import threading
from typing import Annotated

import typer

from cli.commands.readers.filtering import (
    Attributes,
    Categories,
    Channels,
    Families,
    Locales,
    read_filter,
    refused_codes,
)
from cli.guard import FEED_LOST, say_lines
from cli.opening import opened_store, read_settings
from cli.output import MOST_ROWS, print_line
from storage import FeedLost, Store
from storage.views import ReaderFilter, read_feed, resolve_filter

_PAGE = 500
_PAGE_OF_DOCUMENTS = 50
_LOOK_SECONDS = 0.5


def run(
    *,
    after: Annotated[
        int, typer.Option(metavar="SEQ", min=0, max=2**63 - 1, help="The last one you have.")
    ],
    follow: Annotated[
        bool, typer.Option("--follow", help="Wait for further changes, until Ctrl-C.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, max=MOST_ROWS, help="End after so many changes.")
    ] = None,
    documents: Annotated[
        bool,
        typer.Option("--documents", help="With each, the product's document as it is now."),
    ] = False,
    channel: Channels = None,
    locale: Locales = None,
    family: Families = None,
    category: Categories = None,
    attribute: Attributes = None,
) -> int | None:
    """Write what changed after a position as NDJSON to stdout, in the order it was committed."""
    wanted = read_filter(channel, locale, family, category, attribute)
    with opened_store(read_settings()) as store, refused_codes():
        try:
            _write(store, wanted, after, limit, follow=follow, documents=documents)
        except FeedLost as error:
            sys.stdout.flush()
            say_lines([error.advice])
            return FEED_LOST
        except KeyboardInterrupt:  # how a --follow ends
            sys.stdout.flush()
    return None


def _write(
    store: Store,
    wanted: ReaderFilter,
    after: int,
    limit: int | None,
    *,
    follow: bool,
    documents: bool,
) -> None:
    """Read page by page, each in a snapshot of its own: a slow reader holds nothing open."""
    left = MOST_ROWS if limit is None else limit
    pause = threading.Event()
    while left > 0:
        are_read = documents or any(wanted.references())
        page_size = min(left, _PAGE_OF_DOCUMENTS if are_read else _PAGE)
        with store.read() as tx:
            narrowing = resolve_filter(tx, wanted)
            page = read_feed(
                tx, after=after, limit=page_size, documents=documents, narrowing=narrowing
            )
        for entry in page.entries:
            print_line(entry.line(documents=documents))
        sys.stdout.flush()
        after = page.next
        if limit is not None:
            left -= len(page.entries)
        if not page.entries:
            if not follow:
                return
            pause.wait(_LOOK_SECONDS)
