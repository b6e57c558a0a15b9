"""How the tests are spread over processes: what is slow to make is made once."""

import os

import pytest


@pytest.fixture(scope="module")
def a_scene() -> str:
    return "a fixture that the tests of this file share"


@pytest.mark.skipif(
    "PYTEST_XDIST_WORKER" not in os.environ,  # noqa: TID251 - set by pytest-xdist
    reason="played in one process: nothing is spread (`make test` plays in three)",
)
def test_tests_that_share_a_fixture_go_to_one_process(
    request: pytest.FixtureRequest, a_scene: str
) -> None:
    del a_scene
    # pytest-xdist adds the group to the name, if the group is there when it looks.
    assert request.node.nodeid.endswith(f"@{request.path.name}")
