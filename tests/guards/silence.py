"""Nothing fails in silence: what tells of sweeps, workers and a store that takes no write."""

from tests.guards.guard import FLOWS, RECEIVER, UNIT, Guard, named

SILENCE: tuple[Guard, ...] = (
    Guard(
        promise="a reconcile that fails for a reason of our own stands as an alarm",
        file="flows/sweeps/run.py",
        find="        if report.ended_early not in (None, STOPPED):",
        replace="        if report.ended_early is None:",
        red=named(
            f"{FLOWS}/test_sweep_alarms.py",
            "test_a_defect_of_ours_stands_as_an_alarm_until_a_whole_sweep",
        ),
    ),
    Guard(
        promise="a reconcile that meets another stands by, green",
        file="flows/sweeps/run.py",
        find='        state = "done" if report.stood_by is None else STOOD_BY\n',
        replace='        state = "failed"\n',
        red=named(
            f"{FLOWS}/test_sweep_alarms.py",
            "test_a_sweep_that_meets_another_stands_by_and_names_it",
        ),
    ),
    Guard(
        promise="a scheduled sweep leaves a source alone that is known to be away",
        file="flows/sweeps/run.py",
        find="    if breaker.blocked and breaker.failing_since is not None:",
        replace="    if False and breaker.failing_since is not None:",
        red=named(
            f"{FLOWS}/test_sweep_alarms.py",
            "test_a_scheduled_sweep_leaves_a_source_alone_that_is_known_to_be_away",
        ),
    ),
    Guard(
        promise="a failed reconcile leaves its report",
        file="flows/reconcile.py",
        find="""        if report.stood_by is None:
            await _publish(report)
""",
        replace="""        if report.ended_early is None:
            await _publish(report)
""",
        red=named(
            "tests/integration/deployments/test_reconcile_run.py",
            "test_a_failed_run_leaves_its_report_and_the_next_leaves_the_pim_alone",
        ),
    ),
    Guard(
        promise="very many absent products are not asked for one by one",
        file="flows/sweeps/orphans.py",
        find="        if len(absent) + len(sweep.report.failed) - failed > most:",
        replace="        if most < 0:",
        red=named(
            f"{FLOWS}/test_lost_rights.py",
            "test_a_listing_that_lacks_very_many_is_not_whole_and_they_are_not_asked_for_one_by_one",
        ),
    ),
    Guard(
        promise="a sweep that does not come is overdue",
        file="storage/views/needs.py",
        find="    return last if now - last > patience else None",
        replace="    return None",
        red=named(
            f"{UNIT}/storage/test_storage_needs.py",
            "test_a_sweep_that_does_not_come_is_overdue_with_the_reason",
        ),
    ),
    Guard(
        promise="a worker that is gone is noticed with nothing due",
        file="receiver/trigger/alarms.py",
        find="        await self._workers_seen(lane)\n",
        replace="",
        red=named(
            f"{UNIT}/receiver/test_trigger_loop.py",
            "test_a_worker_that_is_gone_is_an_alarm_with_nothing_due",
        ),
    ),
    Guard(
        promise="a disk without room for a delivery is no writable store",
        file="storage/database/condition.py",
        find="        _try_room(store)\n",
        replace="",
        red=named(f"{RECEIVER}/test_receiver_outages.py", "test_a_full_disk"),
    ),
)
