"""The simulated Event Platform and the connector's reading of it: one dialect, written twice."""

import pytest

from pim.event_platform import (
    EVENT_TYPES,
    PREFIX,
    check_platform_signature,
    parse_cloud_event,
    parse_notice,
)
from pim.vocabulary import ResourceKind
from simulator.news.types import EVENT_TYPES as SIMULATED_TYPES
from tests.integration.simulator.platform_scene import PRIMARY, SECONDARY, Destination, a_platform

pytestmark = pytest.mark.anyio
PIM = {"models": 4, "edition": "EE", "records": 5, "assets": 5}


def test_both_know_the_same_types() -> None:
    assert {PREFIX + name for name in EVENT_TYPES} == SIMULATED_TYPES


async def play(destination: Destination) -> list[str]:
    """Random edits, and changes of the structure; all types that were told of."""
    async with a_platform(sorted(SIMULATED_TYPES), destination=destination, pim=PIM) as scene:
        await scene.control("edits", {"operations": 150, "bulk": 10})
        for path in ("families/new", "categories/new", "options/new?parent=color"):
            await scene.control(f"structure/{path}", {"changes": {"labels": {"en_US": "A"}}})
        await scene.control("platform/end", {})
        await destination.reach(notices=1)
        return destination.types()


async def test_every_event_is_read_as_what_it_is() -> None:
    destination = Destination()
    types = await play(destination)

    kinds = set()
    for request in destination.got:
        batch = parse_cloud_event(request.content)
        assert batch.invalid == ()
        (event,) = batch.events
        assert event.kind is not ResourceKind.OTHER
        assert event.occurred_at is not None
        kinds.add(event.kind)
        signatures = [
            request.headers.get(f"X-AKENEO-SIGNATURE-{name}") for name in ("PRIMARY", "SECONDARY")
        ]
        for secret in (PRIMARY, SECONDARY):
            assert (
                check_platform_signature(
                    secrets=[secret], signatures=signatures, body=request.content
                )
                is None
            )
    assert kinds == {ResourceKind.PRODUCT, ResourceKind.PRODUCT_MODEL, ResourceKind.STRUCTURE}
    assert {"product.updated.delta", "product-model.updated.delta", "family.created"} <= set(types)


async def test_a_notice_is_read_as_what_it_is() -> None:
    destination = Destination()
    await play(destination)

    notice = parse_notice(destination.notices[0].content)
    assert notice.kind == "subscription.suspended.system"
    assert notice.status == "suspended"
