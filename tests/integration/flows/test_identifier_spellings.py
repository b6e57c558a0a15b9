"""Identifiers of every look: they stay the strings that they are, and are found however written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pim.json_types import as_list, as_object
from storage.views.history import read_history
from tests.integration.flows.identity_scene import Scene, open_scene
from tests.shop import open_shop

pytestmark = pytest.mark.anyio

NAMES = {
    "000123": "000123",
    "1111111304": "1111111304",
    "1e5": "1E5",
    "0x1F": "0X1f",
    "-0": "-0",
    "true": "TRUE",
    "null": "Null",
    "a/b c%2Fd?e#f": "A/B C%2fD?E#F",
    "../up": "../UP",
    "100%": "100%",
    "Straße 7": "STRASSE 7",
    "İstanbul": "İSTANBUL",
    "ÅÄÖ-日本": "åäö-日本",
    'quote"\\back': 'QUOTE"\\BACK',
}
"""How the PIM spells an identifier, and how somebody else may."""


@pytest.fixture(params=[False, True], ids=["by uuid", "by identifier"])
def scene(request: pytest.FixtureRequest, tmp_path: Path, store_url: str) -> Iterator[Scene]:
    yield from open_scene(tmp_path, database_url=store_url, identifier_only=request.param)


async def test_another_main_identifier_is_followed_by_the_next_full_reconcile(
    tmp_path: Path,
) -> None:
    """Of several identifier attributes another one is made the main one: nothing else moves."""
    with open_shop(tmp_path, products=6) as shop:
        await shop.reconcile()
        main = {"type": "pim_catalog_identifier", "is_main_identifier": True}
        shop.control("structure/attributes/ean", {"changes": main})
        await shop.reconcile()
        for key, line in shop.exported().items():
            values = as_object(as_object(line["source"])["values"])
            (entry, *_) = [*map(as_object, as_list(values.get("ean"))), {}]
            assert line["identifier"] == entry.get("data")
            assert as_object(line["document"])["identifier"] == entry.get("data")
            assert line["key"] == key
        assert any(line["identifier"] for line in shop.exported().values())
        report = await shop.reconcile()
        assert not report.by_kind()


async def test_identifiers_stay_as_they_are_written_and_are_found_in_any_case(
    scene: Scene,
) -> None:
    for number, name in enumerate(NAMES):
        uuid = f"00000000-0000-4000-8000-{number:012d}"
        changes = {"identifier": name, "family": None}
        scene.shop.control("products", {"uuid": uuid, "changes": changes})
    await scene.tell("in order")
    scene.assert_true()
    stored = {line["identifier"]: line for line in scene.shop.exported().values()}
    assert stored.keys() >= NAMES.keys()
    assert {as_object(stored[name]["document"])["identifier"] for name in NAMES} == {*NAMES}
    with scene.shop.store.read() as tx:
        for name, otherwise in NAMES.items():
            for asked in (name, otherwise):
                (story,) = read_history(tx, asked)
                assert story.product is not None
                assert story.product.identifier == name
    # By their own URLs, too, those that a path must escape.
    for name in ("a/b c%2Fd?e#f", "../up", "100%", "İstanbul"):
        report = await scene.shop.reconcile(full=False, key=name)
        assert (report.products, report.by_kind()) == (1, {}), name
