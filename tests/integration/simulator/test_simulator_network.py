"""What goes wrong between the PIM and its reader, on a real connection."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from simulator.config import SimulatorConfig
from tests.served_app import bind_loopback, served_simulator


@contextmanager
def a_pim() -> Iterator[httpx.Client]:
    listener = bind_loopback()
    config = SimulatorConfig(port=listener.getsockname()[1], products=50, app_token="the-app")
    bearer = {"Authorization": "Bearer the-app"}
    with (
        served_simulator(config, listener) as url,
        httpx.Client(base_url=url, headers=bearer, timeout=30) as client,
    ):
        yield client


def prepare(pim: httpx.Client, **answer: object) -> None:
    pim.post("/_simulator/answers", json=answer).raise_for_status()


def ask(pim: httpx.Client) -> httpx.Response:
    return pim.get("/api/rest/v1/products-uuid", params={"limit": "50"})


def test_an_answer_cut_in_the_middle_says_more_than_it_brings() -> None:
    with a_pim() as pim:
        whole = ask(pim)
        prepare(pim, status=0, wire="cut")

        got: list[bytes] = []
        with pim.stream("GET", whole.request.url) as answer:
            assert answer.headers["Content-Length"] == whole.headers["Content-Length"]
            with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
                got.extend(answer.iter_raw())

        assert b"".join(got) == whole.content[: len(whole.content) // 2]
        assert ask(pim).content == whole.content


@pytest.mark.parametrize(
    ("wire", "kind"), [("closed", httpx.RemoteProtocolError), ("reset", httpx.ReadError)]
)
def test_a_connection_ends_in_place_of_an_answer(wire: str, kind: type[Exception]) -> None:
    with a_pim() as pim:
        prepare(pim, wire=wire)

        with pytest.raises(kind):
            ask(pim)

        assert ask(pim).status_code == 200
        calls = pim.get("/_simulator/requests").json()["calls"]
        assert {call["status"] for call in calls} == {0, 200}


def test_a_pim_that_is_away_stays_away_until_it_is_brought_back() -> None:
    with a_pim() as pim:
        prepare(pim, wire="closed", times=None)

        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                ask(pim)
        (standing,) = pim.get("/_simulator/state").json()["standing_answers"]
        pim.delete("/_simulator/answers")

        assert standing["wire"] == "closed"
        assert ask(pim).status_code == 200


def test_a_slow_answer_comes_in_pieces_and_whole() -> None:
    with a_pim() as pim:
        whole = ask(pim)
        prepare(pim, status=0, delay_seconds=0.01, trickle_seconds=0.2)

        with pim.stream("GET", whole.request.url) as answer:
            pieces = list(answer.iter_raw())

        assert len(pieces) > 1
        assert b"".join(pieces) == whole.content
