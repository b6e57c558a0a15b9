"""What the Event Platform did not deliver is looked for, and its secrets are ours alone."""

from tests.guards.guard import FLOWS, UNIT, Guard, named

_STORE = "tests/integration/storage/test_store_subscriptions.py"
_CATCH_UP = f"{UNIT}/flows/test_catch_up.py"
_COMMAND = "tests/integration/cli/test_cli_subscriptions_command.py"

GAPS: tuple[Guard, ...] = (
    Guard(
        promise="a subscription that stops leaves a gap, whoever notices it",
        file="storage/state/subscriptions.py",
        find="        open_gap(tx, subscription_id=subscription_id, began=began, reason=reason)\n",
        replace="        pass\n",
        red=named(_STORE, "test_a_gap_begins_an_hour_before_it_was_last_seen_active"),
    ),
    Guard(
        promise="one that took the place of another between two looks leaves a gap",
        file="storage/state/subscriptions.py",
        find="    for lost in gone:\n",
        replace="    for lost in gone[:0]:\n",
        red=named(_STORE, "test_one_that_took_the_place_of_another_between_two_looks_leaves_a_gap"),
    ),
    Guard(
        promise="what was swept while a resumed subscription may still lose events is swept again",
        file="flows/subscriptions/catch_up.py",
        find="    safe_from = gap.ended + delay\n",
        replace="    safe_from = gap.ended\n",
        red=named(
            f"{FLOWS}/test_watch_subscriptions.py", "test_a_gap_is_caught_up_with_in_two_rounds"
        ),
    ),
    Guard(
        promise="a sweep that began before a gap ended closes no gap",
        file="flows/subscriptions/catch_up.py",
        find="    is_new = full.started_at >= safe_from - _CLOCK_DOUBT\n",
        replace="    is_new = True\n",
        red=named(_CATCH_UP, "test_no_other_run_ends_it"),
    ),
    Guard(
        promise="a round of sweeps is noted only once it was asked for",
        file="flows/subscriptions/catch_up.py",
        find="""    for mode in (DELTA, FULL):
        await ask(""",
        replace="""    await write_in(store, note_round, gap_id=gap.id, number=number, now=now)
    for mode in (DELTA, FULL):
        await ask(""",
        red=named(
            f"{FLOWS}/test_watch_subscriptions.py",
            "test_a_prefect_server_that_is_away_is_asked_by_the_next_look",
        ),
    ),
    Guard(
        promise="nothing is changed at the platform before a person has said yes",
        file="cli/asking.py",
        find="""    if not can_ask():
        raise""",
        replace="""    if not can_ask():
        return
        raise""",
        red=named(_COMMAND, "test_nothing_is_changed_where_nobody_can_be_asked"),
    ),
)
