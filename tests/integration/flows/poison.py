"""A PIM whose answers about some products are spoilt, however they are asked for."""

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response

from pim.json_types import JsonObject

Spoil = Callable[[JsonObject], bytes]
_PRODUCTS = "/api/rest/v1/products-uuid"


class Poison:
    """Spoils what the PIM says of the products in `spoilt`."""

    def __init__(self) -> None:
        self.spoilt: dict[str, Spoil] = {}
        self.fails: set[str] = set()

    def dress(self, app: FastAPI) -> None:
        """Stand before the simulated PIM."""
        app.middleware("http")(self._pass_on)

    async def _pass_on(self, request: Request, ask: Callable[[Request], Any]) -> Response:
        answer = await ask(request)
        if not request.url.path.startswith(_PRODUCTS) or answer.status_code != 200:
            return answer  # type: ignore[no-any-return] # as the PIM answered
        body = b"".join([part async for part in answer.body_iterator])
        named = _products_in(body) & {*self.spoilt, *self.fails}
        if named & self.fails:
            return Response(b'{"code":500,"message":"Internal Server Error"}', 500)
        headers = {k: v for k, v in answer.headers.items() if k != "content-length"}
        return Response(self._spoil(body) if named else body, 200, headers)

    def _spoil(self, body: bytes) -> bytes:
        sent = json.loads(body)
        if "_embedded" not in sent:
            return self._written(sent)
        items = sent["_embedded"]["items"]
        sent["_embedded"]["items"] = [f"@{place}@" for place in range(len(items))]
        text = json.dumps(sent).encode()
        for place, item in enumerate(items):
            text = text.replace(b'"@%d@"' % place, self._written(item))
        return text

    def _written(self, product: JsonObject) -> bytes:
        spoil = self.spoilt.get(str(product["uuid"]))
        return json.dumps(product).encode() if spoil is None else spoil(product)


def _products_in(body: bytes) -> set[str]:
    sent = json.loads(body)
    items = sent["_embedded"]["items"] if "_embedded" in sent else [sent]
    return {item["uuid"] for item in items}
