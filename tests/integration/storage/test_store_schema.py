"""Models and migrations agree, and a store opens only what fits the code."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import (
    Store,
    StoreAhead,
    StoreBehind,
    StoreError,
    StoreMissing,
    StoreUnreachable,
    migrate,
    open_store,
)
from storage.database.schema import REVISIONS
from storage.tables import METADATA


def test_the_migrations_build_what_the_models_say(store: Store) -> None:
    with store.read() as tx:
        context = MigrationContext.configure(
            tx.connection,
            opts={
                "compare_type": True,
                # Of SQLite only, and no model: PostgreSQL has a sequence in its place.
                "include_name": lambda name, kind, _: (kind, name) != ("table", "order_counter"),
            },
        )
        assert compare_metadata(context, METADATA) == []


def test_the_known_revisions_are_those_of_the_scripts() -> None:
    folder = Path(open_store.__code__.co_filename).parents[1] / "migrations"
    scripts = ScriptDirectory(str(folder)).walk_revisions()
    assert [script.revision for script in scripts] == list(reversed(REVISIONS))


def test_migrating_twice_changes_nothing(store_url: str) -> None:
    assert migrate(store_url) == migrate(store_url) == REVISIONS[-1]


def test_a_missing_file_is_refused_with_the_cure_and_not_made(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    with pytest.raises(StoreMissing, match=r"run `akeneo-sync migrate` or `make run`$"):
        open_store(f"sqlite:///{file}")
    assert not file.exists()


def test_migrating_makes_file_and_folder(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/store.db"
    migrate(url)
    store = open_store(url)
    assert store.draw_number() == 1
    store.close()


def test_an_empty_database_is_refused(postgres_server: str, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for url in (postgres_server.format("postgres"), f"sqlite:///{tmp_path}/empty.db"):
        with pytest.raises(StoreMissing, match="the database is empty"):
            open_store(url)


@pytest.mark.parametrize(
    ("revision", "error"), [(REVISIONS[0], StoreBehind), ("0999_later", StoreAhead)]
)
def test_another_schema_is_refused(store_url: str, revision: str, error: type[StoreError]) -> None:
    store = open_store(store_url)
    with store.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    store.close()
    with pytest.raises(error) as raised:
        open_store(store_url)
    assert revision in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_newer_schema_is_not_migrated(store: Store, store_url: str) -> None:
    with store.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0999_later'"))
    with pytest.raises(StoreAhead, match="update akeneo-sync"):
        migrate(store_url)


def test_a_file_that_is_no_database_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is a text, and long enough to be read as a header " * 9)
    with pytest.raises(StoreUnreachable, match="not a database"):
        open_store(f"sqlite:///{tmp_path}/text.db")


def test_nobody_listening_is_one_line_without_the_password() -> None:
    with pytest.raises(StoreUnreachable) as raised:
        open_store("postgresql://someone:geheim@127.0.0.1:1/shop")
    assert "refused" in str(raised.value)
    assert "geheim" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["mysql://localhost/shop", "sqlite://", "sqlite:///:memory:", "no address"]
)
def test_addresses_of_other_kinds_are_refused(url: str) -> None:
    with pytest.raises(StoreError):
        open_store(url)
