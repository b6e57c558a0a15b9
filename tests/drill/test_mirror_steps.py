"""A thousand random steps and more: edits of everything, losses, drains and sweeps between them."""

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.drill.conftest import Tell
from tests.mirror_machine import Machine

PROGRAMS = 25
STEPS = 60


def test_whatever_is_edited_the_store_ends_as_the_pim(drill_seed: int, tell: Tell) -> None:
    long = settings(
        max_examples=PROGRAMS,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=False,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    steps = 0

    @hypothesis.seed(drill_seed)
    class Counting(Machine):
        """Counts what was played, for the last line."""

        @invariant()
        def one_more(self) -> None:
            nonlocal steps
            steps += 1

    run_state_machine_as_test(Counting, settings=long)
    told = ", ".join(f"{count} {fate}" for fate, count in sorted(Machine.fates.items()))
    tell(f"{steps} steps in {PROGRAMS} shops; events: {told}")
    assert steps >= 1000
