"""`GET /changes`: the feed, page by page, waited for if wanted."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.params import Depends
from fastapi.responses import Response

from api.answers import CHANGE_HELP, COMMON, TOO_OLD, ChangePage, answer_json
from api.parameters import Limit, Position, Wanted
from api.reads import Reads
from api.tail import Tail
from storage import Transaction
from storage.products import read_bounds
from storage.views import OUTSIDE, ReaderFilter, read_feed, resolve_filter

_MOST_DOCUMENTS = 100
_LONGEST_WAIT = 30


def add_changes(app: FastAPI, reads: Reads, tail: Tail, described: Sequence[Depends]) -> None:
    """Add the route."""

    @app.get(
        "/changes",
        response_model=ChangePage,
        responses={**COMMON, **TOO_OLD},
        dependencies=described,
        summary="What changed after a position",
        description="Without `after`: none, and the position of now. "
        "In the order it was committed; nothing is ever skipped: who was away longer "
        "than changes are kept gets 410. With `wait`, an empty answer comes only after so many "
        f"seconds without a change. {CHANGE_HELP} With `documents`, a page holds at most "
        f"{_MOST_DOCUMENTS} changes. With filters, documents are narrowed to them, and a product "
        f"that is outside now is told as `{OUTSIDE}`, without a document: gone, to this reader.",
    )
    async def read_changes(
        request: Request,
        wanted: Wanted,
        *,
        after: Position | None = None,
        limit: Limit = 100,
        wait: Annotated[int, Query(ge=0, le=_LONGEST_WAIT)] = 0,
        documents: bool = False,
    ) -> Response:
        most = min(limit, _MOST_DOCUMENTS) if documents else limit
        if after is None:
            end = await reads.read(partial(_find_end, wanted=wanted))
            return answer_json(request, _page_text("", following=end, end=end))
        work = partial(_write_page, wanted=wanted, after=after, limit=most, documents=documents)
        is_empty, text = await reads.read(work)
        if is_empty and wait:
            await tail.wait_beyond(after, wait)
            _, text = await reads.read(work)
        return answer_json(request, text)


def _find_end(tx: Transaction, *, wanted: ReaderFilter) -> int:
    """The position of now; who begins is told at once of a code that there is not."""
    resolve_filter(tx, wanted)
    _, end = read_bounds(tx)
    return end


def _write_page(
    tx: Transaction, *, wanted: ReaderFilter, after: int, limit: int, documents: bool
) -> tuple[bool, str]:
    """Answer whether the page is empty, and its text."""
    narrowing = resolve_filter(tx, wanted)
    page = read_feed(tx, after=after, limit=limit, documents=documents, narrowing=narrowing)
    lines = ",".join(entry.line(documents=documents) for entry in page.entries)
    return not lines, _page_text(lines, following=page.next, end=page.end)


def _page_text(lines: str, *, following: int, end: int) -> str:
    return f'{{"changes":[{lines}],"next":{following},"end":{end}}}'
