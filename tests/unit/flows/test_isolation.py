"""What fails in a way nobody foresaw is tried apart, until it stands alone."""

from collections.abc import Sequence

import pytest

from flows.run.isolation import each_apart
from pim.errors import InvalidAnswer, SourceServerError

pytestmark = pytest.mark.anyio


async def double(numbers: Sequence[int]) -> list[int]:
    """Refuses to work on anything that a 13 is among."""
    if 13 in numbers:
        raise ValueError("two states of one product in one write")
    return [2 * number for number in numbers]


async def failing_alone(number: int, error: InvalidAnswer) -> list[int]:
    assert "two states of one product in one write" in str(error)
    return [-number]


async def test_an_unforeseen_error_costs_the_one_thing_that_brings_it_about() -> None:
    outcomes = await each_apart([1, 2, 13, 4, 5], double, failing_alone)
    assert sorted(number for each in outcomes for number in each) == [-13, 2, 4, 8, 10]


async def test_an_error_that_says_where_it_belongs_is_passed_on_at_once() -> None:
    asked: list[Sequence[int]] = []

    async def work(numbers: Sequence[int]) -> list[int]:
        asked.append(numbers)
        raise SourceServerError("the source failed")

    with pytest.raises(SourceServerError):
        await each_apart([1, 2], work, failing_alone)
    assert asked == [[1, 2]]
