"""Random edits, losses and sweeps: the short form of `tests/drill/test_mirror_steps.py`."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.mirror_machine import Machine


def test_whatever_is_edited_the_store_ends_as_the_pim() -> None:
    # Two programs, and without making a failing one smaller: each opens a shop of its own.
    short = settings(
        max_examples=2,
        stateful_step_count=12,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=short)
