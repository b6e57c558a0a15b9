"""The described interface, tried out by a machine: signed and unsigned, as described and not."""

from collections.abc import Iterator
from contextlib import closing
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
    unsupported_method,
)

from storage import open_store
from tests.property.receiver_world import EVENTS_API, PLATFORM, Spoken, World, receiver_world

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    file = tmp_path_factory.mktemp("receiver") / "store.db"
    copy(sqlite_template, file)
    with closing(open_store(f"sqlite:///{file}")) as store, receiver_world(store) as running:
        yield running


@pytest.fixture(scope="module")
def operations(world: World) -> list[APIOperation[Any, Any, Any, Any]]:
    described = schemathesis.openapi.from_url(f"{world.url}/openapi.json")
    found = [result.ok() for result in described.get_all_operations() if isinstance(result, Ok)]
    assert len(found) >= 3
    return found


def calls_of(operation: APIOperation[Any, Any, Any, Any]) -> st.SearchStrategy[Any]:
    """Calls as described, and calls that break the description in one place."""
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_unsigned_calls_are_answered_as_described_and_nothing_is_stored(
    data: st.DataObject, operations: list[APIOperation[Any, Any, Any, Any]], world: World
) -> None:
    before = world.kept()
    operation = data.draw(st.sampled_from(operations))
    data.draw(calls_of(operation)).call_and_validate(checks=_CHECKS)
    assert world.kept() == before


@pytest.mark.parametrize("spoken", [EVENTS_API, PLATFORM], ids=["events", "platform"])
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_signed_deliveries_are_answered_as_described(
    data: st.DataObject, operations: list[APIOperation[Any, Any, Any, Any]], spoken: Spoken
) -> None:
    (intake,) = (operation for operation in operations if operation.path == spoken.path)
    call = data.draw(calls_of(intake))

    def sign(request: PreparedRequest) -> PreparedRequest:
        """As the PIM does: over the bytes that go out."""
        body = request.body or b""
        assert isinstance(body, str | bytes)
        for name, value in spoken.sign(body.encode() if isinstance(body, str) else body):
            request.headers[name.decode()] = value.decode()
        return request

    answer = call.call_and_validate(checks=_CHECKS, auth=sign)
    assert answer.status_code in {200, 400, 413}
