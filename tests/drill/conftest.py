import random
import sys
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.night import Night, open_night
from tests.prefect_fixtures import prefect_server
from tests.store_fixtures import *  # noqa: F403 - pytest finds fixtures by name

__all__ = ["prefect_server"]

Tell = Callable[[str], None]


@pytest.fixture(scope="session")
def drill_seed(pytestconfig: pytest.Config) -> int:
    """Decides when what is killed; give one that was printed to play those nights again."""
    given: int | None = pytestconfig.getoption("drill_seed")
    seed = random.SystemRandom().randrange(2**32) if given is None else given
    _show(pytestconfig, f"--drill-seed={seed}")
    return seed


@pytest.fixture(scope="session")
def rng(drill_seed: int) -> random.Random:
    """Where every random choice of a drill comes from."""
    return random.Random(drill_seed)


@pytest.fixture
def tell(pytestconfig: pytest.Config) -> Tell:
    """Show a line now, whether or not the drill succeeds: what was seen is its result."""
    return partial(_show, pytestconfig)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """One night for the drills of a module, with a Prefect server of its own."""
    with open_night(tmp_path_factory.mktemp("night")) as opened:
        opened.begin()
        yield opened


def _show(config: pytest.Config, line: str) -> None:
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stderr.write(f"\n{line}\n")
