"""The API in this process, over a store of its own: once of each kind."""

from collections.abc import AsyncIterator

import pytest

from storage import Store
from tests.integration.api.api_scene import Caller, opened_api, token_of


@pytest.fixture
async def caller(store: Store) -> AsyncIterator[Caller]:
    """Somebody with a token."""
    async with opened_api(store) as client:
        yield Caller(client, token_of(store, "shop"))
