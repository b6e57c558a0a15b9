"""`GET /products` and `GET /products/{key}`: documents as shops show them."""

from collections.abc import Sequence
from functools import partial

from fastapi import FastAPI, HTTPException, Request
from fastapi.params import Depends
from fastapi.responses import Response

from api.answers import COMMON, NOT_FOUND, ModelAnswer, ProductAnswer, ProductPage, answer_json
from api.narrowing import narrow_document
from api.parameters import Code, Instant, Limit, Name
from api.reads import Reads
from pim.canonical import dump_json, load_json
from pim.json_types import as_object
from storage.views import Gone, ShopModel, ShopProduct, find_in_shop, list_shop_products


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
        description="`category`: in it, or anywhere below it. `channel` and `locale` keep the "
        "values of these, and those that are the same for all. `updated_after` goes by the PIM's "
        "date, which stands still where a label or a model changes: follow /changes instead.",
    )
    async def list_products(
        request: Request,
        *,
        after: Code | None = None,
        limit: Limit = 100,
        updated_after: Instant | None = None,
        family: Code | None = None,
        category: Code | None = None,
        channel: Code | None = None,
        locale: Code | None = None,
    ) -> Response:
        found = await reads.read(
            partial(
                list_shop_products,
                after=after,
                limit=limit,
                updated_after=updated_after,
                family=family,
                category=category,
            )
        )
        lines = ",".join(_line(each, channel, locale) for each in found)
        following = dump_json(found[-1].key if len(found) == limit else None)
        return answer_json(request, f'{{"products":[{lines}],"next":{following}}}')


def _add_one(app: FastAPI, reads: Reads, described: Sequence[Depends]) -> None:
    @app.get(
        "/products/{key:path}",
        response_model=ProductAnswer | ModelAnswer,
        responses={**COMMON, **NOT_FOUND},
        dependencies=described,
        summary="One product, or product model",
        description="`key`: a uuid, an identifier or a model's code, in any case.",
    )
    async def read_product(
        request: Request, key: Name, *, channel: Code | None = None, locale: Code | None = None
    ) -> Response:
        match await reads.read(lambda tx: find_in_shop(tx, key)):
            case ShopProduct() as product:
                return answer_json(request, _line(product, channel, locale))
            case ShopModel() as model:
                return answer_json(request, _model_line(model))
            case Gone():
                raise HTTPException(404, f"the product {key!r} was deleted")
            case None:
                raise HTTPException(404, f"there is no product or model {key!r}")


def _line(product: ShopProduct, channel: str | None, locale: str | None) -> str:
    head = dump_json(
        {
            "key": product.key,
            "identifier": product.identifier,
            "updated": None if product.updated is None else product.updated.isoformat(),
        }
    )
    document = product.document
    if channel is not None or locale is not None:
        whole = as_object(load_json(document))
        document = dump_json(narrow_document(whole, channel=channel, locale=locale))
    return f'{head[:-1]},"document":{document}}}'


def _model_line(model: ShopModel) -> str:
    return dump_json(
        {
            "code": model.code,
            "model": model.body,
            "models": [*model.models],
            "variants": [*model.variants],
        }
    )
