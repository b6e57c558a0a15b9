from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from storage.engine import Store
from storage.opening import open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with closing(open_store(url, create=True, busy_timeout=timedelta(seconds=0.4))) as store:
        yield store
