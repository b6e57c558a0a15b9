import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shop import Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path, store_url: str) -> Iterator[Shop]:
    """A small shop whose store is empty, once on each database."""
    with open_shop(tmp_path, products=60, database_url=store_url) as shop:
        yield shop


@pytest.fixture(scope="module")
def filled_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A very small shop, filled, for a whole module: each test ends with store equal to source."""
    folder = tmp_path_factory.mktemp("shop")
    with open_shop(folder, products=10) as shop:
        asyncio.run(shop.reconcile())
        yield shop


@pytest.fixture(scope="module")
def model_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with models, filled, for a whole module: each test leaves store equal to source."""
    folder = tmp_path_factory.mktemp("models")
    with open_shop(folder, products=10, models=12) as shop:
        asyncio.run(shop.reconcile())
        yield shop
