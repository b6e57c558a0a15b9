"""What every test stands on: a clean environment, markers from the folder, one async backend."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.long_scenes import is_long

_OURS = ("PREFECT_", "AKENEO_", "SYNC_", "COLUMNS")  # the last: a terminal's width is no test's
_ROOT = Path(__file__).parent

# Before anything is imported: a developer's own settings must neither reach nor break a test.
for _name in [
    name
    for name in os.environ  # noqa: TID251 - see above
    if name.startswith(_OURS) or name.lower().endswith("_proxy")
]:
    del os.environ[_name]  # noqa: TID251 - same


# The same examples everywhere, so that a green run stays green for the next person; to look for
# new ones: pytest --hypothesis-profile=explore tests/property
settings.register_profile("same", derandomize=True, print_blob=True)
settings.register_profile("explore", max_examples=1000, print_blob=True)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a drill be played again, or be longer."""
    parser.addoption("--drill-seed", type=int, help="the seed that a drill has printed")
    parser.addoption(
        "--drill-events", type=int, default=1200, help="edits in the drill of several of each"
    )


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook: before it
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the name of its folder: unit, property, integration, e2e, drill; or long.

    Tests that share something slow to make go to one process where several play them.
    """
    for item in items:
        path = item.path.relative_to(_ROOT)
        folder = path.parts[0]
        item.add_marker(getattr(pytest.mark, folder))
        if is_long(path, item.name):
            item.add_marker(pytest.mark.long)
        group = _shared_by(item, folder)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))


def _shared_by(item: pytest.Item, folder: str) -> str | None:
    if "prefect_server" in getattr(item, "fixturenames", ()):
        return "prefect"
    return item.path.name if folder in {"e2e", "drill"} or _shares_a_scene(item) else None


def _shares_a_scene(item: pytest.Item) -> bool:
    """Whether the test goes on where another one of its file has left a scene."""
    found = getattr(item, "_fixtureinfo", None)
    fixtures = found.name2fixturedefs.values() if found is not None else ()
    return any(every[-1].scope == "module" for every in fixtures)  # the last one is the one in use


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def own_mask(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command called in a test makes its process hide secrets: the next test has none."""
    # Here, and not above: before a variable of the developer's is gone nothing of ours is imported.
    from settings import masking  # noqa: PLC0415 - see above

    monkeypatch.setattr(masking, "_mask", masking._Mask())
    make_record = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(make_record)
