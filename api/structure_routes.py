"""`GET /structure/{kind}`: families, attributes, options, categories and the rest as mirrored."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.params import Depends
from fastapi.responses import Response
from pydantic import AfterValidator

from api.answers import COMMON, StructurePage, answer_json
from api.parameters import Code, Limit
from api.reads import Reads
from pim.canonical import dump_json
from pim.json_types import JsonValue
from pim.vocabulary import NEVER_MIRRORED, CatalogKind
from storage.views import list_shop_items


def _check_kind(kind: CatalogKind) -> CatalogKind:
    if kind in NEVER_MIRRORED:
        raise ValueError("is no kind of the structure: ask /products")
    return kind


Kind = Annotated[CatalogKind, AfterValidator(_check_kind)]


def add_structure(app: FastAPI, reads: Reads, described: Sequence[Depends]) -> None:
    """Add the route."""

    @app.get(
        "/structure/{kind}",
        response_model=StructurePage,
        responses=COMMON,
        dependencies=described,
        summary="The structure beside the products",
        description="`parent`: of options their attribute, of records their reference entity, of "
        "assets their family; of options of both, like `brand/country`.",
    )
    async def list_structure(
        request: Request,
        kind: Kind,
        *,
        parent: Code | None = None,
        after: Code | None = None,
        limit: Limit = 100,
    ) -> Response:
        found = await reads.read(
            partial(
                list_shop_items,
                kind=kind,
                parent=parent,
                after=None if after is None else _place(after),
                limit=limit,
            )
        )
        items: list[JsonValue] = [
            {"parent": each.parent, "code": each.code, "body": each.body} for each in found
        ]
        more = len(found) == limit
        following = f"{found[-1].parent}/{found[-1].code}" if more else None
        return answer_json(request, dump_json({"items": items, "next": following}))


def _place(after: str) -> tuple[str, str]:
    """Parent and code of the last item seen: no parent's code holds a slash."""
    parent, slash, code = after.partition("/")
    return (parent, code) if slash else ("", parent)
