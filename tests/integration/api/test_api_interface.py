"""The described interface, tried out by a machine: with a token or not, as described or not."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import build_app
from api.config import ApiConfig
from api.gate import OPEN_PATHS
from storage import open_store
from tests.integration.api.api_scene import LAMPS, mirror_structure, shown, token_of
from tests.served_app import served
from tests.store_builders import absent, write

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class World:
    """An API that is served, a token, and what it describes."""

    url: str
    token: str
    operations: list[APIOperation[Any, Any, Any, Any]]


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    file = tmp_path_factory.mktemp("api") / "store.db"
    copy(sqlite_template, file)
    with closing(open_store(f"sqlite:///{file}")) as store:
        mirror_structure(store)
        write(store, *(shown(n, 1, LAMPS) for n in range(3)), absent(4, 1, 2))
        token = token_of(store, "machine")
        # Whoever waits is answered at once, as when the server ends.
        config = ApiConfig(calls_per_second=10_000)
        app = build_app(config, store, is_ending=lambda: True)
        with served(app) as url:
            described = schemathesis.openapi.from_url(f"{url}/openapi.json")
            results = described.get_all_operations()
            operations = [result.ok() for result in results if isinstance(result, Ok)]
            assert len(operations) == 5
            yield World(url, token, operations)


def calls_of(operation: APIOperation[Any, Any, Any, Any]) -> st.SearchStrategy[Any]:
    """Calls as described, and calls that break the description in one place."""
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_calls_with_a_token_are_answered_as_described(data: st.DataObject, world: World) -> None:
    operation = data.draw(st.sampled_from(world.operations))

    def sign(request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {world.token}"
        return request

    answer = data.draw(calls_of(operation)).call_and_validate(checks=_CHECKS, auth=sign)
    assert answer.status_code != 401


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_calls_without_a_token_learn_nothing(data: st.DataObject, world: World) -> None:
    operation = data.draw(st.sampled_from(world.operations))
    call = data.draw(calls_of(operation))
    call.headers.pop("Authorization", None)
    answer = call.call()
    assert answer.status_code == 401 or operation.path in OPEN_PATHS
