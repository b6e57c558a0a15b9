"""A simulated PIM whose shop is in a file: started again, it has forgotten nothing."""

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from simulator.deliveries.dispatcher import Dispatcher
from simulator.edits.sessions import EditSessions
from simulator.render.view import full_view
from simulator.shop.things import ThingKind
from simulator.simulation import Simulation
from simulator.store.shop_file import ShopFile, ShopNotKept
from tests.unit.simulator.small_pim import JULIA, SmallPim, a_small_pim


def a_kept_pim(shop: Path | None, **settings: object) -> SmallPim:
    return a_small_pim(25, models=3, edition="EE", shop=shop, **settings)


def shown(simulation: Simulation) -> list[object]:
    """Everything that the REST API can show of the shop, in its order."""
    view = full_view(simulation.own_flavour)
    renderer = simulation.renderer
    kinds = sorted({item.kind for item in simulation.structure})
    return [
        *(renderer.encoded(product, view) for product in simulation.database),
        *(renderer.models.encoded(model) for model in simulation.database.models),
        *(simulation.structure.every(kind) for kind in kinds),
        *(sorted(map(repr, simulation.things.all(kind))) for kind in ThingKind),
        *simulation.index.keys(),
        *simulation.model_index.keys(),
        simulation.next_number,
    ]


def edit(pim: SmallPim, operations: int) -> None:
    sessions = EditSessions(pim.simulation, pim.simulation.edit_rng)
    dispatcher = Dispatcher(pim.simulation)
    for _ in range(operations):
        pim.clock.go_on(1)
        dispatcher.put(sessions.save(1).events)


def killed(shop: Path, to: Path) -> Path:
    """The file as a kill at this moment leaves it."""
    for ending in ("", "-wal"):
        shutil.copy(f"{shop}{ending}", f"{to}{ending}")
    return to


def test_a_shop_begins_in_a_file_as_it_does_in_memory(tmp_path: Path) -> None:
    assert shown(a_kept_pim(tmp_path / "shop.db").simulation) == shown(a_kept_pim(None).simulation)


def test_after_a_kill_the_shop_goes_on_as_it_was_last_told(tmp_path: Path) -> None:
    pim = a_kept_pim(tmp_path / "shop.db")
    edit(pim, 120)
    pim.simulation.structure.change(
        "options", "red", {"labels": {"en_US": "R"}}, parent="color", now=5
    )
    pim.simulation.structure.remove("options", "blue", "color")
    Dispatcher(pim.simulation).put([])

    again = a_kept_pim(killed(tmp_path / "shop.db", tmp_path / "after.db"))

    assert shown(again.simulation) == shown(pim.simulation)
    assert [*again.simulation.database.removed] == [*pim.simulation.database.removed]


def test_a_save_that_nobody_was_told_of_may_be_lost_and_leaves_a_whole_shop(tmp_path: Path) -> None:
    pim = a_kept_pim(tmp_path / "shop.db")
    edit(pim, 20)
    before = shown(pim.simulation)
    pim.editor.remove(pim.products()[0], JULIA)

    again = a_kept_pim(killed(tmp_path / "shop.db", tmp_path / "after.db"))

    assert shown(again.simulation) == before


def test_a_shop_opened_again_and_again_goes_on_with_other_edits(tmp_path: Path) -> None:
    seen: set[str] = set()
    for _life in range(3):
        pim = a_kept_pim(tmp_path / "shop.db")
        known = {product.uuid for product in pim.products()}
        edit(pim, 80)
        created = {product.uuid for product in pim.products()} - known
        assert created
        assert not created & seen
        seen |= created
        pim.simulation.close()


def _overwrite(shop: Path) -> None:
    shop.write_bytes(b"no database at all, but long enough to be taken for one" * 200)


def _raise_format(shop: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")


def _spoil_rows(shop: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection, connection:
        connection.execute("UPDATE shop SET body = '{\"uuid\": 1}' WHERE kind = 'product'")


def _lose_facts(shop: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection, connection:
        connection.execute("DELETE FROM shop WHERE kind = 'fact'")


@pytest.mark.parametrize("damage", [_overwrite, _raise_format, _spoil_rows, _lose_facts])
def test_a_file_that_cannot_be_read_is_set_aside_and_said(
    tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    shop = tmp_path / "shop.db"
    pim = a_kept_pim(shop)
    edit(pim, 10)
    pim.simulation.close()
    damage(shop)

    with caplog.at_level(logging.WARNING):
        again = a_kept_pim(shop)

    assert shown(again.simulation) == shown(a_kept_pim(None).simulation)
    assert (tmp_path / "shop.db.old").exists()
    assert "a new shop begins" in caplog.text


def test_a_file_of_another_kind_of_shop_is_set_aside(tmp_path: Path) -> None:
    shop = tmp_path / "shop.db"
    a_small_pim(10, shop=shop).simulation.close()
    assert a_kept_pim(shop).simulation.config.is_enterprise
    assert (tmp_path / "shop.db.old").exists()


def test_killed_before_the_first_state_was_written_it_begins_anew(tmp_path: Path) -> None:
    shop = tmp_path / "shop.db"
    ShopFile(shop, "a shop").close()
    assert shown(a_kept_pim(shop).simulation) == shown(a_kept_pim(None).simulation)
    assert not (tmp_path / "shop.db.old").exists()


def test_two_simulated_pims_do_not_share_a_file(tmp_path: Path) -> None:
    first = ShopFile(tmp_path / "shop.db", "a shop")
    with pytest.raises(ShopNotKept, match="another simulated PIM has it open"):
        ShopFile(tmp_path / "shop.db", "a shop", wait_seconds=0)
    first.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ShopNotKept, match="the shop cannot be kept in"):
        a_kept_pim(tmp_path / "file" / "shop.db")
