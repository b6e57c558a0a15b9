"""What `deploy` says it did."""

from cli.commands.deploy import describe_deploy
from deployments.messages import DeployReport


def test_each_kind_of_change_is_a_line_and_empty_ones_are_left_out() -> None:
    report = DeployReport(
        work_pool="akeneo-sync",
        created=("reconcile/full",),
        updated=(),
        unchanged=("process-inbox/on-event", "reconcile/delta"),
        removed=(),
        automation_changed=True,
    )
    assert describe_deploy(report) == [
        "work pool: akeneo-sync",
        "created: reconcile/full",
        "unchanged: process-inbox/on-event, reconcile/delta",
        "heartbeat automation: brought up to date",
    ]
