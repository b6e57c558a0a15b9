"""`GET /products` and `GET /products/{key}`: documents as shops show them."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.params import Depends
from fastapi.responses import Response

from api.answers import COMMON, NOT_FOUND, ModelAnswer, ProductAnswer, ProductPage, answer_json
from api.parameters import Code, Instant, Name, Wanted
from api.reads import Reads
from pim.canonical import dump_json
from storage import Transaction
from storage.views import (
    Gone,
    Outside,
    ShopModel,
    ShopProduct,
    find_in_shop,
    list_shop_products,
    resolve_filter,
)

_MOST = 200  # documents in one answer


def add_products(app: FastAPI, reads: Reads, described: Sequence[Depends]) -> None:
    """Add both routes."""
    _add_list(app, reads, described)
    _add_one(app, reads, described)


def _add_list(app: FastAPI, reads: Reads, described: Sequence[Depends]) -> None:
    @app.get(
        "/products",
        response_model=ProductPage,
        responses=COMMON,
        dependencies=described,
        summary="Live products, in key order",
        description="With filters, those that are in one of each kind named, with the values of "
        "the channels, locales and attributes named. A page may hold fewer products than `limit`: "
        "go on until `next` is null. `updated_after` goes by the PIM's date, which stands still "
        "where a label or a model changes: follow /changes instead.",
    )
    async def list_products(
        request: Request,
        wanted: Wanted,
        *,
        after: Code | None = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
        updated_after: Instant | None = None,
    ) -> Response:
        def write_page(tx: Transaction) -> str:
            page = list_shop_products(
                tx,
                after=after,
                limit=limit,
                updated_after=updated_after,
                narrowing=resolve_filter(tx, wanted),
            )
            lines = ",".join(map(_line, page.products))
            return f'{{"products":[{lines}],"next":{dump_json(page.next)}}}'

        return answer_json(request, await reads.read(write_page))


def _add_one(app: FastAPI, reads: Reads, described: Sequence[Depends]) -> None:
    @app.get(
        "/products/{key:path}",
        response_model=ProductAnswer | ModelAnswer,
        responses={**COMMON, **NOT_FOUND},
        dependencies=described,
        summary="One product, or product model",
        description="`key`: a uuid, an identifier or a model's code, in any case. With filters, "
        "the product as GET /products shows it, 404 if it is outside; a model is inside with its "
        "variants that are.",
    )
    async def read_product(request: Request, key: Name, wanted: Wanted) -> Response:
        match await reads.read(lambda tx: find_in_shop(tx, key, resolve_filter(tx, wanted))):
            case ShopProduct() as product:
                return answer_json(request, _line(product))
            case ShopModel() as model:
                return answer_json(request, _model_line(model))
            case Outside():
                raise HTTPException(404, f"{key!r} is outside of what the filters name")
            case Gone():
                raise HTTPException(404, f"the product {key!r} was deleted")
            case None:
                raise HTTPException(404, f"there is no product or model {key!r}")


def _line(product: ShopProduct) -> str:
    head = dump_json(
        {
            "key": product.key,
            "identifier": product.identifier,
            "updated": None if product.updated is None else product.updated.isoformat(),
        }
    )
    return f'{head[:-1]},"document":{product.document}}}'


def _model_line(model: ShopModel) -> str:
    return dump_json(
        {
            "code": model.code,
            "model": model.body,
            "models": [*model.models],
            "variants": [*model.variants],
        }
    )
