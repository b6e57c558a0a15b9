"""`GET /changes`: the feed, page by page, waited for if wanted."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.params import Depends
from fastapi.responses import Response

from api.answers import CHANGE_HELP, COMMON, TOO_OLD, ChangePage, answer_json
from api.parameters import Limit, Position
from api.reads import Reads
from api.tail import Tail
from storage.views import FeedPage, read_feed

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
        description="In the order it was committed; nothing is ever skipped: who was away longer "
        "than changes are kept gets 410. With `wait`, an empty answer comes only after so many "
        f"seconds without a change. {CHANGE_HELP} With `documents`, a page holds at most "
        f"{_MOST_DOCUMENTS} changes.",
    )
    async def read_changes(
        request: Request,
        *,
        after: Position = 0,
        limit: Limit = 100,
        wait: Annotated[int, Query(ge=0, le=_LONGEST_WAIT)] = 0,
        documents: bool = False,
    ) -> Response:
        most = min(limit, _MOST_DOCUMENTS) if documents else limit
        work = partial(read_feed, after=after, limit=most, documents=documents)
        page = await reads.read(work)
        if not page.entries and wait:
            await tail.wait_beyond(after, wait)
            page = await reads.read(work)
        return answer_json(request, _written(page, documents=documents))


def _written(page: FeedPage, *, documents: bool) -> str:
    lines = ",".join(entry.line(documents=documents) for entry in page.entries)
    return f'{{"changes":[{lines}],"next":{page.next},"end":{page.end}}}'
