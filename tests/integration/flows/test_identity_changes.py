"""Identifiers that change hands, where products are known by uuid and where by identifier.

Each story is told by events in order, in reverse, and twice over; and by none, for a full reconcile
to find. However it was told, the store shows what the PIM shows.
"""

from collections.abc import Iterator

import pytest

from pim.json_types import as_list, as_object
from storage.views.history import read_history
from tests.integration.flows.identity_scene import ORDERS, Scene, open_scene

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def by_uuid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    yield from open_scene(tmp_path_factory.mktemp("by-uuid"))


@pytest.fixture(scope="module")
def by_identifier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A PIM of version 5 or 6."""
    yield from open_scene(tmp_path_factory.mktemp("by-identifier"), identifier_only=True)


def swap(scene: Scene) -> None:
    """A and B change their identifiers, over a third one, as an editor must."""
    scene.change("a", identifier=scene.name("between"))
    scene.change("b", identifier=scene.name("a"))
    scene.change("a", identifier=scene.name("b"))


def rename(scene: Scene) -> None:
    scene.change("a", identifier=scene.name("renamed"))


def rewrite_case(scene: Scene) -> None:
    scene.change("a", identifier=scene.name("a").lower())


def take_the_name_away(scene: Scene) -> None:
    scene.change("a", identifier=None)


def hand_the_name_over(scene: Scene) -> None:
    """What a removed product was called another one is called now."""
    scene.remove("a")
    scene.change("b", identifier=scene.name("a"))


def make_anew(scene: Scene) -> None:
    """Removed, and made under the same identifier with a uuid of its own."""
    scene.remove("a")
    scene.uuids["a"] = f"{scene.uuids['a'][:-4]}0000"
    scene.make("a", enabled=False)


def make_again(scene: Scene) -> None:
    """Removed, and made under the same identifier and uuid: C points to it no more."""
    scene.remove("a")
    scene.make("a", enabled=False)


def remove_twice(scene: Scene) -> None:
    make_again(scene)
    scene.remove("a")


EVERYWHERE = [swap, rewrite_case, make_anew, make_again, remove_twice]
RENAMES = [rename, hand_the_name_over, take_the_name_away]


@pytest.mark.parametrize("order", ORDERS)
async def test_events_alone_are_enough_where_products_are_known_by_uuid(
    by_uuid: Scene, order: str
) -> None:
    await by_uuid.play([*EVERYWHERE, *RENAMES], order)
    by_uuid.assert_true()


@pytest.mark.parametrize("order", ORDERS)
async def test_events_are_enough_before_version_7_but_for_renames(
    by_identifier: Scene, order: str
) -> None:
    await by_identifier.play(EVERYWHERE, order)
    by_identifier.assert_true()


async def test_before_version_7_the_name_given_up_is_found_by_a_full_reconcile(
    by_identifier: Scene,
) -> None:
    """No event names the old identifier, nor whoever points to the product by it."""
    await by_identifier.play(RENAMES, "in order")
    await by_identifier.shop.reconcile()
    by_identifier.assert_true()


async def test_whatever_was_never_told_a_full_reconcile_finds(by_uuid: Scene) -> None:
    await by_uuid.play([*EVERYWHERE, *RENAMES], None)
    await by_uuid.shop.reconcile()
    by_uuid.assert_true()


async def test_whatever_was_never_told_before_version_7_a_full_reconcile_finds(
    by_identifier: Scene,
) -> None:
    await by_identifier.play([*EVERYWHERE, *RENAMES], None)
    await by_identifier.shop.reconcile()
    by_identifier.assert_true()


async def test_who_pointed_to_a_removed_product_is_read_though_its_removal_was_covered(
    by_uuid: Scene,
) -> None:
    """It was made again before anybody read it, and read before its events were."""

    def covered(scene: Scene) -> None:
        make_again(scene)
        scene.office.hand_on(scene.office.take())

    await by_uuid.play([covered], None)
    await by_uuid.shop.reconcile(full=False, key=by_uuid.uuids["a"])
    await by_uuid.shop.drain()
    states = {event.state for event in by_uuid.shop.events()[:2]}
    assert states == {"covered"}
    by_uuid.assert_true()


async def test_a_removed_product_that_nobody_points_to_costs_no_read_but_its_own(
    by_uuid: Scene,
) -> None:
    def lonely(scene: Scene) -> None:
        scene.remove("c")
        scene.shop.http.delete(f"{scene.shop.pim_url}/_simulator/requests").raise_for_status()

    await by_uuid.play([lonely], "in order")
    by_uuid.assert_true()
    calls = map(as_object, as_list(by_uuid.shop.requests()["calls"]))
    asked = {(call["path"], call["count"]) for call in calls if "products" in str(call["path"])}
    listing = "/api/rest/v1/products-uuid"
    # One search, and what it does not show by its own URL.
    assert asked == {(f"{listing}?search", 1), (f"{listing}/{{code}}", 1)}


async def test_the_two_shapes_of_payloads_may_come_mixed(by_uuid: Scene) -> None:
    """The subscription's "use UUID" toggle moves the identifier into the values, from one event to
    the next."""

    def mixed(scene: Scene) -> None:
        swap(scene)
        scene.change("c", identifier=scene.name("renamed"))
        for event in scene.office.kept[::2]:
            resource = as_object(as_object(event["data"])["resource"])
            name = resource.pop("identifier")
            resource["values"] = {"sku": [{"locale": None, "scope": None, "data": name}]}

    await by_uuid.play([mixed], "in reverse")
    by_uuid.assert_true()


async def test_a_key_is_asked_of_the_pim_though_the_store_knows_who_had_it_before(
    by_uuid: Scene,
) -> None:
    """Made anew under the same identifier, and nobody was told: both come to be as they are."""

    def silently_anew(scene: Scene) -> None:
        make_anew(scene)

    await by_uuid.play([silently_anew], None)
    await by_uuid.shop.reconcile(full=False, key=by_uuid.name("a"))
    stored = by_uuid.shop.exported(tombstones=True)
    named = [line for line in stored.values() if line["identifier"] == by_uuid.name("a")]
    assert sorted(str(line["deleted"]) for line in named) == ["False", "True"]
    with by_uuid.shop.store.read() as tx:
        stories = read_history(tx, by_uuid.name("a").lower())
    assert [story.product is not None for story in stories] == [True, True]
    await by_uuid.shop.reconcile()  # for C, that points to the one before
    by_uuid.assert_true()
