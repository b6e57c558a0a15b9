"""Odd answers at random, of one thing, a page, a list, a kind of request or everything."""

from collections import Counter

import hypothesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.drill.conftest import Tell
from tests.odd_answers import ANY_PART, ANY_WHOLE, AnyOdd, rounds
from tests.odd_play import Rounds, odd_shop, play

PROGRAMS = 150


def test_whatever_is_odd_costs_only_itself(drill_seed: int, tell: Tell) -> None:
    played: Counter[str] = Counter()

    @hypothesis.seed(drill_seed)
    @settings(
        max_examples=PROGRAMS,
        deadline=None,
        derandomize=False,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        odd=st.one_of(ANY_PART, ANY_PART, ANY_WHOLE),
        rounds=rounds(3),
        models=st.sampled_from([1, 0]),
        edition=st.sampled_from(["CE", "EE"]),
    )
    def programs(odd: AnyOdd, rounds: Rounds, models: int, edition: str) -> None:
        with odd_shop(models=models, edition=edition) as mirror:
            play(mirror, odd, rounds, fresh=True)
        played[type(odd).__name__] += 1

    programs()
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(played.items()))
    tell(f"odd answers: {told}")
    assert played.total() >= PROGRAMS
