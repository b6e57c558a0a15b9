"""The longest scenes: `make long` plays them, and so does CI; `make test` has shorter ones.

These files, and what drains and sweeps do on PostgreSQL as they do on SQLite.
"""

from pathlib import PurePath

LONG = (
    "e2e/test_up.py",
    "integration/api/test_api_process.py",
    "integration/cli/test_cli_process.py",
    "integration/cli/test_cli_reconcile_command.py",
    "integration/cli/test_cli_streams.py",
    "integration/deployments/test_behind_a_proxy.py",
    "integration/deployments/test_deploy.py",
    "integration/deployments/test_housekeeping_run.py",
    "integration/deployments/test_kills.py",
    "integration/deployments/test_no_secret_in_prefect.py",
    "integration/deployments/test_notify_shops_run.py",
    "integration/deployments/test_process_pool.py",
    "integration/deployments/test_tidy_runs.py",
    "integration/deployments/test_warm_worker.py",
    "integration/deployments/test_watch_subscriptions_run.py",
    "integration/deployments/test_work_pool.py",
    "integration/deployments/test_worker_death.py",
    "integration/examples/test_sample_shop_token.py",
    "integration/flows/test_becoming_pim7.py",
    "integration/flows/test_burst_budget.py",
    "integration/flows/test_containment.py",
    "integration/flows/test_fan_out.py",
    "integration/flows/test_fan_out_bench.py",
    "integration/flows/test_faults_answers.py",
    "integration/flows/test_faults_listings.py",
    "integration/flows/test_faults_retry_after.py",
    "integration/flows/test_faults_time.py",
    "integration/flows/test_identifier_spellings.py",
    "integration/flows/test_identity_changes.py",
    "integration/flows/test_left_out.py",
    "integration/flows/test_lost_events.py",
    "integration/flows/test_lost_rights.py",
    "integration/flows/test_metrics_are_true.py",
    "integration/flows/test_mirror_steps.py",
    "integration/flows/test_mirror_things.py",
    "integration/flows/test_misprinted_times.py",
    "integration/flows/test_models_everywhere.py",
    "integration/flows/test_models_sweeps.py",
    "integration/flows/test_models_troubles.py",
    "integration/flows/test_odd_answers.py",
    "integration/flows/test_odd_levels.py",
    "integration/flows/test_odd_values.py",
    "integration/flows/test_platform_events.py",
    "integration/flows/test_poisoned_products.py",
    "integration/flows/test_reconcile_delta.py",
    "integration/flows/test_reconcile_repairs.py",
    "integration/flows/test_reconcile_structure.py",
    "integration/flows/test_source_away.py",
    "integration/flows/test_store_outages.py",
    "integration/flows/test_sweep_alarms.py",
    "integration/storage/test_store_bench.py",
    "integration/storage/test_store_carrying.py",
    "property/test_deletions_held.py",
    "property/test_door_model.py",
    "property/test_filtered_copy.py",
    "property/test_webhook_copy.py",
    "unit/project/test_collection.py",
)


def is_long(path: PurePath, name: str) -> bool:
    """Whether a test of `tests/` is one of them."""
    in_flows = path.parts[:2] == ("integration", "flows")
    return path.as_posix() in LONG or (in_flows and "postgres" in name)
