"""What tests of product models do with a shop that has some."""

import json
import time
from collections import Counter
from typing import cast
from urllib.parse import quote
from uuid import uuid4

from pim.json_types import JsonObject, as_list, as_object
from pim.signature import sign_delivery
from pim.vocabulary import CatalogKind
from storage.catalog import list_items
from tests.shop import SECRET, Shop


def models_of(shop: Shop) -> dict[str, JsonObject]:
    """Every model as the PIM shows it now, by code."""
    answer = shop.http.get(f"{shop.pim_url}/_simulator/models").raise_for_status()
    models = [json.loads(line) for line in answer.text.splitlines()]
    return {str(model["code"]): model for model in models}


def root_of(shop: Shop, *, levels: int) -> str:
    """A root model that has variants, with a level of sub-models or without."""
    models = models_of(shop)
    parents = Counter(str(each["parent"]) for each in models.values())
    used = {str(product.get("parent")) for product in shop.truth().values()}
    for code, model in models.items():
        subs = [sub for sub, each in models.items() if each["parent"] == code]
        if model["parent"] is not None or (parents[code] > 0) is not (levels == 2):
            continue
        if used & {code, *subs}:
            return code
    raise AssertionError(f"no root model of {levels} levels has variants")


def subs_of(shop: Shop, code: str) -> list[str]:
    return [sub for sub, model in models_of(shop).items() if model["parent"] == code]


def variants_of(shop: Shop, code: str) -> list[str]:
    """The uuids of all variants below a model."""
    above = {code, *subs_of(shop, code)}
    return [uuid for uuid, product in shop.truth().items() if product["parent"] in above]


def change_model(shop: Shop, code: str, *, silent: bool = False, **changes: object) -> JsonObject:
    body = {"changes": changes, "silent": silent}
    return shop.control(f"models/{quote(code, safe='')}", body)


def rename_model(shop: Shop, code: str, name: str, *, silent: bool = False) -> JsonObject:
    """Change a value that every variant inherits."""
    value = [{"data": name, "locale": "en_US", "scope": None}]
    return change_model(shop, code, silent=silent, values={"name": value})


def delete_model(shop: Shop, code: str, *, silent: bool = False) -> None:
    url = f"{shop.pim_url}/_simulator/models/{quote(code, safe='')}"
    shop.http.delete(url, params={"silent": str(silent).lower()}).raise_for_status()


def name_of(product: JsonObject) -> object:
    names = cast("list[JsonObject]", as_object(product["values"])["name"])
    return next(entry["data"] for entry in names if entry["locale"] == "en_US")


def model_events(shop: Shop) -> list[tuple[str, str]]:
    """State and reason of every model event, newest first."""
    return [
        (event.state, event.reason or "")
        for event in shop.events()
        if (event.action or "").startswith("product_model")
    ]


def document(shop: Shop, uuid: str) -> JsonObject:
    return as_object(shop.exported()[uuid]["document"])


def stored_models(shop: Shop) -> dict[str, JsonObject]:
    """The mirrored models by code, without the links that a listing adds."""
    with shop.store.read() as tx:
        stored = list_items(tx, CatalogKind.PRODUCT_MODEL)
    return {
        code: {name: value for name, value in body.items() if name != "_links"}
        for code, body in stored.items()
    }


def tell(shop: Shop, action: str, code: str) -> None:
    """Deliver an event of a model, whatever the PIM did."""
    event = {
        "action": action,
        "event_id": str(uuid4()),
        "event_datetime": "2026-01-01T00:00:00+00:00",
        "author": "julia",
        "author_type": "ui",
        "pim_source": shop.pim_url,
        "data": {"resource": {"code": code}},
    }
    body = json.dumps({"events": [event]}).encode()
    now = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Akeneo-Request-Timestamp": now,
        "X-Akeneo-Request-Signature": sign_delivery(SECRET, now, body),
    }
    url = f"{shop.receiver_url}/webhooks/events-api"
    shop.http.post(url, content=body, headers=headers).raise_for_status()


async def calls_of_a_drain(shop: Shop) -> Counter[str]:
    """Drain, and count the calls by what they asked for; a login is none."""
    shop.http.delete(f"{shop.pim_url}/_simulator/requests").raise_for_status()
    await shop.drain()
    calls: Counter[str] = Counter()
    for call in map(as_object, as_list(shop.requests()["calls"])):
        path = str(call["path"])
        if "/rest/v1/" in path:
            asked = path.split("/rest/v1/")[1].partition("?")[0].partition("/")[0]
            calls[asked] += int(str(call["count"]))
    return calls
