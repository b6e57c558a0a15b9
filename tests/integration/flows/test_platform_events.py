"""Events of the Event Platform on their way into the store: no sweep runs after them."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.run import store_items
from pim.json_types import JsonObject, as_list, as_object
from pim.vocabulary import CatalogKind, Channel
from storage.catalog import list_items
from tests.integration.receiver.receiver_scene import locked
from tests.night_parts import wait_until
from tests.shop import APP_TOKEN, Shop, open_shop

pytestmark = pytest.mark.anyio

NOBODY = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def shop(tmp_path: Path, store_url: str) -> Iterator[Shop]:
    """A small Enterprise shop, once on each database."""
    with open_shop(
        tmp_path,
        products=30,
        models=3,
        edition="EE",
        records=12,
        assets=12,
        saas=True,
        database_url=store_url,
        app_token=APP_TOKEN,
    ) as shop:
        yield shop


def outcomes(shop: Shop) -> Counter[str]:
    return Counter(event.state for event in shop.events())


def quietly(shop: Shop, uuid: str, changes: JsonObject) -> None:
    """Change a product without any event of the Events API."""
    shop.control(f"products/{uuid}", {"changes": changes, "silent": True})


def documents(shop: Shop) -> str:
    return "\n".join(str(line["document"]) for line in shop.exported().values())


def an_option(shop: Shop) -> tuple[str, str]:
    """An option that a product has, as attribute and code."""
    selects = {
        each["code"]
        for each in shop.listed("attributes")
        if each["type"] == "pim_catalog_simpleselect"
    }
    for product in shop.truth().values():
        for attribute, values in as_object(product["values"]).items():
            if attribute in selects:
                data = as_object(as_list(values)[0])["data"]
                assert isinstance(data, str)
                return attribute, data
    raise AssertionError("no product has an option")


def family_of(shop: Shop, route: str, code: str) -> str:
    lines = shop.http.get(f"{shop.pim_url}/_simulator/things/{route}").text.splitlines()
    return next(str(thing["family"]) for thing in map(json.loads, lines) if thing["code"] == code)


async def test_a_changed_product_is_read_and_its_delta_is_shown_as_a_hint(shop: Shop) -> None:
    await shop.reconcile()
    uuid = next(iter(shop.truth()))
    quietly(shop, uuid, {"enabled": False})
    changes = {"enabled": {"previous": True, "new": False}}
    shop.told_by_platform("product.updated.delta", {"product": {"uuid": uuid, "changes": changes}})
    await shop.drain()
    assert shop.sources()[uuid]["enabled"] is False
    (event,) = shop.events()
    assert (event.state, event.hint) == ("applied", "enabled")


async def test_one_change_told_in_both_dialects_is_read_once(shop: Shop) -> None:
    await shop.reconcile()
    uuid = next(iter(shop.truth()))
    shop.control(f"products/{uuid}", {"changes": {"enabled": False}})
    for name in ("product.updated", "product.updated.delta", "product.became-incomplete"):
        shop.told_by_platform(name, {"product": {"uuid": uuid}})
    await shop.drain()
    assert outcomes(shop) == {"applied": 1, "coalesced": 3}


async def test_a_deletion_is_followed(shop: Shop) -> None:
    await shop.reconcile()
    uuid = next(uuid for uuid, product in shop.truth().items() if not product["parent"])
    shop.http.delete(
        f"{shop.pim_url}/_simulator/products/{uuid}", params={"silent": "true"}
    ).raise_for_status()
    shop.told_by_platform("product.deleted", {"product": {"uuid": uuid}})
    await shop.drain()
    assert uuid not in shop.exported()
    assert shop.exported(tombstones=True)[uuid]["deleted"] is True


async def test_what_the_connection_may_not_see_becomes_no_tombstone(shop: Shop) -> None:
    await shop.reconcile()
    before = shop.exported(tombstones=True)
    for name in ("product.created", "product.updated", "product.became-complete"):
        shop.told_by_platform(name, {"product": {"uuid": NOBODY}})
    shop.told_by_platform("product-model.updated", {"product_model": {"code": "nobodys_model"}})
    shop.told_by_platform("category.updated", {"category": {"code": "nobodys_category"}})
    await shop.drain()
    assert shop.exported(tombstones=True) == before
    assert outcomes(shop) == {"filtered": 5}
    assert all(str(event.reason).startswith("not visible") for event in shop.events())


async def test_what_was_held_and_is_not_shown_any_more_goes_by_the_absence_rule(
    shop: Shop,
) -> None:
    await shop.reconcile()
    hidden = list(map(str, as_list(shop.control("rights", {"hidden_share": 0.5})["hidden"])))
    shop.told_by_platform("product.updated", {"product": {"uuid": hidden[0]}})
    await shop.drain()
    assert hidden[0] in shop.exported()
    assert outcomes(shop) == {"held": 1}


async def test_an_option_s_new_label_is_in_all_documents_and_no_product_is_read(
    shop: Shop,
) -> None:
    await shop.reconcile()
    attribute, code = an_option(shop)
    shop.control(
        f"structure/options/{code}?parent={attribute}",
        {"changes": {"labels": {"en_US": "A label like no other"}}},
    )
    shop.told_by_platform(
        "attribute-option.updated",
        {"attribute_option": {"code": code, "attribute": {"code": attribute}}},
    )
    shop.http.delete(f"{shop.pim_url}/_simulator/requests").raise_for_status()
    await shop.drain()
    assert "A label like no other" in documents(shop)
    assert outcomes(shop) == {"applied": 1}
    assert "/products" not in json.dumps(shop.requests())
    # Told again, nothing is new; and what was told before the read began is covered by it.
    for _ in range(2):
        shop.told_by_platform(
            "attribute-option.updated",
            {"attribute_option": {"code": code.upper(), "attribute": {"code": attribute}}},
        )
    await shop.drain()
    assert outcomes(shop) == {"applied": 1, "unchanged": 1, "coalesced": 1}


async def test_what_a_killed_drain_had_stored_and_not_rendered_is_rendered_by_the_next(
    shop: Shop,
) -> None:
    """The event is covered by the read of the drain that was killed, which left a mark."""
    await shop.reconcile()
    attribute, code = an_option(shop)
    shop.control(
        f"structure/options/{code}?parent={attribute}",
        {"changes": {"labels": {"en_US": "A label like no other"}}},
    )
    shop.told_by_platform(
        "attribute-option.updated",
        {"attribute_option": {"code": code, "attribute": {"code": attribute}}},
    )
    async with shop.session() as session:
        read = await session.client.read_item(CatalogKind.OPTION, attribute, code)
        await store_items(session.store, session.client, [read])
    assert "A label like no other" not in documents(shop)
    await shop.drain()
    assert outcomes(shop) == {"covered": 1}
    assert "A label like no other" in documents(shop)


@pytest.mark.parametrize(
    ("name", "member", "kind", "listed"),
    [
        ("family", "family", "families", "families"),
        ("attribute", "attribute", "attributes", "attributes"),
        ("attribute-group", "attribute_group", "attribute-groups", "attribute-groups"),
        ("category", "category", "categories", "categories"),
    ],
)
async def test_structure_follows_its_events_without_a_sweep(
    shop: Shop, name: str, member: str, kind: str, listed: str
) -> None:
    await shop.reconcile()
    items = shop.listed(listed)
    codes = [str(item["code"]) for item in items][:7]  # more than are read one by one
    for code in codes:
        label = {"labels": {"en_US": f"Label of {code} anew"}}
        shop.control(f"structure/{kind}/{code}", {"changes": label})
        shop.told_by_platform(f"{name}.updated", {member: {"code": code}})
    await shop.drain()
    with shop.store.read() as tx:
        mirrored = list_items(tx, CatalogKind(member))
    for code in codes:
        assert as_object(mirrored[code]["labels"])["en_US"] == f"Label of {code} anew"
    assert outcomes(shop) == {"applied": len(codes)}


@pytest.mark.parametrize(
    ("name", "above", "kind"),
    [
        ("reference-entity-record", "reference_entity", CatalogKind.RECORD),
        ("asset", "asset_family", CatalogKind.ASSET),
    ],
)
async def test_records_and_assets_follow_their_events_and_go_when_they_are_deleted(
    shop: Shop, name: str, above: str, kind: CatalogKind
) -> None:
    route, member = f"{kind}s", name.replace("-", "_")
    await shop.reconcile()
    with shop.store.read() as tx:
        things = list_items(tx, kind)
    code = min(things)
    family = family_of(shop, route, code)
    data = {member: {"code": code, above: {"code": family}}}
    shop.control(
        f"things/{route}/{family}/{code}",
        {"changes": {"values": {"label": [{"locale": "en_US", "channel": None, "data": "Anew"}]}}},
    )
    shop.told_by_platform(f"{name}.updated", data)
    await shop.drain()
    with shop.store.read() as tx:
        assert "Anew" in str(list_items(tx, kind)[code])
    shop.http.delete(f"{shop.pim_url}/_simulator/things/{route}/{family}/{code}").raise_for_status()
    shop.told_by_platform(f"{name}.deleted", data)
    await shop.drain()
    with shop.store.read() as tx:
        assert code not in list_items(tx, kind)
    assert outcomes(shop) == {"applied": 1, "gone": 1}


async def test_what_is_not_mirrored_is_filtered_and_says_why(shop: Shop) -> None:
    shop.told_by_platform("job.export.status-changed", {"job": {"code": "x"}})
    shop.told_by_platform("workflow.task.created", {"task": {}, "product": {"uuid": NOBODY}})
    shop.told_by_platform("app.deleted", {"app": {"client_id": "somebody_else"}})
    shop.told_by_platform("unheard.of", {})
    await shop.drain()
    assert outcomes(shop) == {"filtered": 4}
    reasons = sorted(str(event.reason) for event in shop.events())
    assert reasons == [
        "it tells of a connection or app, and no product",
        "jobs of the PIM are not mirrored",
        "the type 'unheard.of' is not known",
        "workflow tasks are not mirrored; what they change is told by other events",
    ]
    assert shop.alarms() == []


async def test_the_end_of_our_own_connection_is_an_alarm(shop: Shop) -> None:
    shop.told_by_platform("connection.deleted", {"connection": {"client_id": "demo_client"}})
    await shop.drain()
    (alarm,) = shop.alarms()
    assert alarm.name == "connection-deleted"
    assert "(demo_client)" in alarm.text
    await shop.drain()
    assert shop.alarms() == [alarm]


@pytest.mark.parametrize("skips", ["no", "yes"])
async def test_echoes_are_read_unless_the_operator_wants_none(tmp_path: Path, skips: str) -> None:
    with open_shop(tmp_path, products=5, tunables={"SYNC_SKIP_OWN_EVENTS": skips}) as shop:
        await shop.reconcile()
        first, second, third = sorted(shop.truth())[:3]
        ours: JsonObject = {"identifier": "demo_client", "type": "api"}
        authors: list[JsonObject | None] = [ours, {"identifier": "demo_client", "type": "user"}]
        for uuid, author in zip((first, second, third), [*authors, None], strict=True):
            quietly(shop, uuid, {"enabled": not shop.truth()[uuid]["enabled"]})
            data: JsonObject = {"product": {"uuid": uuid}}
            shop.told_by_platform("product.updated", data | ({"author": author} if author else {}))
        await shop.drain()
        wanted = {"applied": 3} if skips == "no" else {"applied": 2, "filtered": 1}
        assert outcomes(shop) == wanted


async def test_trouble_in_a_quiet_hour_suspends_nothing_and_the_event_comes_again(
    tmp_path: Path,
) -> None:
    """The only delivery of the hour: a single failure would be a success rate of nought."""
    with open_shop(
        tmp_path,
        products=5,
        told_by=(Channel.EVENT_PLATFORM,),
        receiver={"platform_answer_seconds": 0.05, "insist_seconds": 0.0},
    ) as shop:
        uuid = next(iter(shop.truth()))
        with locked(shop.store):
            enabled = not shop.truth()[uuid]["enabled"]
            shop.control(f"products/{uuid}", {"changes": {"enabled": enabled}})
            wait_until(lambda: "throttled" in counts(shop), "an answer 429")
        wait_until(lambda: counts(shop).get("delivered") == counts(shop)["events"], "them again")
        assert "failed_attempts" not in counts(shop)
        assert {event.resource_key for event in shop.events("due")} == {uuid}


def counts(shop: Shop) -> JsonObject:
    report = shop.http.get(f"{shop.pim_url}/_simulator/platform").json()
    told = as_object(as_list(report["subscriptions"])[-1])
    assert told["status"] == "active"
    return as_object(told["counts"])
