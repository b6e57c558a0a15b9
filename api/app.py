"""The read API as one FastAPI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from starlette.middleware.gzip import GZipMiddleware

from api.answers import Health
from api.change_routes import add_changes
from api.config import ApiConfig
from api.gate import Gate
from api.product_routes import add_products
from api.reads import Reads
from api.structure_routes import add_structure
from api.tail import Tail
from storage import FeedLost, Store, StoreError, UnknownCode

_WORTH_PACKING = 1000  # bytes
_PACKING = 5  # of 9: most of the gain at a third of the time

_RELOAD = (
    "reload everything: take `next` of GET /changes without `after`, read all of /products, and go "
    "on from there"
)
DESCRIPTION = """Follow the store that akeneo-sync keeps equal to the PIM: begin with all products
(or `akeneo-sync export --position`), then apply `/changes`. Every call but `/livez` and this
document needs a token, which `akeneo-sync tokens create NAME` makes."""


def build_app(
    config: ApiConfig, store: Store, *, is_ending: Callable[[], bool] = lambda: False
) -> FastAPI:
    """Build the API over a store that it only reads; the application does not own the store.

    `is_ending`: whether calls that wait for a change should be answered now.
    """
    reads = Reads(store, threads=config.readers)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        reads.close()

    app = FastAPI(
        title="akeneo-sync read API",
        description=DESCRIPTION,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    described = [Depends(HTTPBearer(auto_error=False, description="See `akeneo-sync tokens`"))]
    tail = Tail(reads, look_seconds=config.look_seconds, is_ending=is_ending)
    add_changes(app, reads, tail, described)
    add_products(app, reads, described)
    add_structure(app, reads, described)
    app.add_api_route("/livez", _livez, summary="The process is alive", response_model=Health)
    app.add_exception_handler(FeedLost, _say_lost)
    app.add_exception_handler(UnknownCode, _say_unknown)
    app.add_exception_handler(StoreError, _say_away)
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_PACKING, compresslevel=_PACKING)
    app.add_middleware(Gate, reads=reads, config=config)
    return app


async def _livez() -> Health:
    return Health(status="alive")


async def _say_lost(_request: Request, error: Exception) -> JSONResponse:
    detail = f"{error}; {_RELOAD}"
    return JSONResponse({"detail": detail}, status_code=410)


async def _say_unknown(_request: Request, error: Exception) -> JSONResponse:
    """In the form of all wrong parameters."""
    kind, code = (error.kind, error.code) if isinstance(error, UnknownCode) else ("", "")
    wrong = {"type": "unknown_code", "loc": ["query", kind], "msg": str(error), "input": code}
    return JSONResponse({"detail": [wrong]}, status_code=422)


async def _say_away(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503, headers={"Retry-After": "5"})
