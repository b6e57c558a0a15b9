"""What every test stands on: a clean environment, markers from the folder, one async backend."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

_OURS = ("PREFECT_", "AKENEO_", "SYNC_")
_ROOT = Path(__file__).parent

# Before anything is imported: a developer's own settings must neither reach nor break a test.
for _name in [name for name in os.environ if name.startswith(_OURS)]:  # noqa: TID251 - see above
    del os.environ[_name]  # noqa: TID251 - same


# The same examples everywhere, so that a green run stays green for the next person; to look for
# new ones: pytest --hypothesis-profile=explore tests/property
settings.register_profile("same", derandomize=True, print_blob=True)
settings.register_profile("explore", max_examples=1000, print_blob=True)
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the name of its folder: unit, property, integration, e2e, drill."""
    for item in items:
        folder = item.path.relative_to(_ROOT).parts[0]
        item.add_marker(getattr(pytest.mark, folder))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
