"""Odd answers at random: the short form of `tests/drill/test_odd_answers.py`.

The same few programs each time, on one shop: each of them ends with store equal to source.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.mirror_shop import MirrorShop
from tests.odd_answers import ANY_PART, ANY_WHOLE, AnyOdd, rounds
from tests.odd_play import Rounds, odd_shop, play

few = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def mirror() -> Iterator[MirrorShop]:
    with odd_shop() as mirror:
        yield mirror


@few
@given(odd=ANY_PART, rounds=rounds(2))
def test_an_odd_thing_or_page_costs_only_itself(
    mirror: MirrorShop, odd: AnyOdd, rounds: Rounds
) -> None:
    play(mirror, odd, rounds, fresh=False)


@few
@given(odd=ANY_WHOLE, rounds=rounds(2))
def test_a_request_that_is_refused_loses_nothing(
    mirror: MirrorShop, odd: AnyOdd, rounds: Rounds
) -> None:
    play(mirror, odd, rounds, fresh=False)
