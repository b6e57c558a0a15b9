"""The shop's web server: `/{language}`, `/{language}/product/{key}`, and how the copy is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Query
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from examples.shop.feed import Json
from examples.shop.follower import Follower
from examples.shop.pages import ON_A_PAGE, Visit, gone_page, list_page, product_page
from examples.shop.shelf import Shelf

_STYLE = Path(__file__).with_name("style.css")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; "
    "form-action 'self'",
    "X-Content-Type-Options": "nosniff",
}


class Language(StrEnum):
    """The languages of the pages."""

    EN = "en"
    DE = "de"
    FR = "fr"


def build_app(shelf: Shelf, follower: Follower) -> FastAPI:
    """Build the server; the follower works as long as it runs."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        follower.start()
        try:
            yield
        finally:
            follower.stop()

    app = FastAPI(title="Sample shop", lifespan=lifespan, openapi_url=None)

    @app.get("/place")
    def tell_place() -> Json:
        return {**asdict(shelf.place()), "trouble": follower.trouble}

    @app.get("/style.css")
    def send_style() -> FileResponse:
        return FileResponse(_STYLE, media_type="text/css")

    _add_pages(app, shelf, lambda: follower.trouble)
    return app


def _add_pages(app: FastAPI, shelf: Shelf, trouble: Callable[[], str | None]) -> None:
    def visit(language: Language, rest: str = "") -> Visit:
        return Visit(language.value, rest, shelf.place(), trouble())

    @app.get("/")
    def choose_language() -> RedirectResponse:
        return RedirectResponse("/en")

    @app.get("/{language}")
    def show_list(
        language: Language,
        q: Annotated[str, Query(max_length=200)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> HTMLResponse:
        found, count = shelf.find(q, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE)
        seen = visit(language, f"?{urlencode({'q': q})}" if q else "")
        text = list_page(seen, found, count, query=q, page=page)
        return HTMLResponse(text, headers=_HEADERS)

    @app.get("/{language}/product/{key}")
    def show_product(language: Language, key: str) -> HTMLResponse:
        product = shelf.get(key)
        if product is None:
            return HTMLResponse(gone_page(visit(language)), status_code=404, headers=_HEADERS)
        text = product_page(visit(language, f"/product/{key}"), product)
        return HTMLResponse(text, headers=_HEADERS)
