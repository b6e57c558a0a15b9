"""`GET /products` and `GET /products/{key}`: documents as shops show them."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.params import Depends
from fastapi.responses import Response

from api.answers import COMMON, NOT_FOUND, ModelAnswer, ProductAnswer, ProductPage, answer_json
from api.parameters import Code, Instant, Name
from api.reads import Reads
from pim.canonical import dump_json, load_json
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text
from storage import Transaction
from storage.views import Gone, ShopModel, ShopProduct, find_in_shop, list_shop_products

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
        description="`category`: in it, or anywhere below it. `channel` and `locale` keep the "
        "values of these, and those that are the same for all. `updated_after` goes by the PIM's "
        "date, which stands still where a label or a model changes: follow /changes instead.",
    )
    async def list_products(
        request: Request,
        *,
        after: Code | None = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
        updated_after: Instant | None = None,
        family: Code | None = None,
        category: Code | None = None,
        channel: Code | None = None,
        locale: Code | None = None,
    ) -> Response:
        listed = partial(
            list_shop_products,
            after=after,
            limit=limit,
            updated_after=updated_after,
            family=family,
            category=category,
        )

        def write_page(tx: Transaction) -> str:
            found = listed(tx)
            lines = ",".join(_line(each, channel, locale) for each in found)
            following = dump_json(found[-1].key if len(found) == limit else None)
            return f'{{"products":[{lines}],"next":{following}}}'

        return answer_json(request, await reads.read(write_page))


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
        document = dump_json(_narrow(whole, channel=channel, locale=locale))
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


def _narrow(document: JsonObject, *, channel: str | None, locale: str | None) -> JsonObject:
    """Keep the values of a channel and locale, and those that are the same for all.

    An attribute none of whose values is left is left out. Labels stay: who shows them chooses. So
    do completenesses of that channel and locale.
    """
    narrowed: JsonObject = {}
    for code, attribute in as_object(document.get("attributes")).items():
        shown = as_object(attribute)
        values = [value for value in as_list(shown.get("values")) if _is_of(value, channel, locale)]
        if values:
            narrowed[code] = {**shown, "values": values}
    complete = document.get("completenesses")
    if complete is not None:
        complete = [each for each in as_list(complete) if _is_of(each, channel, locale)]
    return {**document, "attributes": narrowed, "completenesses": complete}


def _is_of(value: JsonValue, channel: str | None, locale: str | None) -> bool:
    """A value without a channel or locale is of all of them."""
    place = as_object(value)
    return _fits(as_text(place.get("scope")), channel) and _fits(
        as_text(place.get("locale")), locale
    )


def _fits(of: str | None, wanted: str | None) -> bool:
    return wanted is None or of is None or of.casefold() == wanted.casefold()
