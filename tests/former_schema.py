"""A store brought to the schema of another revision, as a former release would have it."""

from collections.abc import Callable
from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection

from storage import open_store

FOLDER = Path(open_store.__code__.co_filename).parents[1] / "migrations"


def move_schema(how: Callable[[Config, str], None], connection: Connection, revision: str) -> None:
    """Bring a database to a revision; `how`: Alembic's `upgrade` or `downgrade`."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    how(config, revision)
