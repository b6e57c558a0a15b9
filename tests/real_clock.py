"""Which tests read the real clock, and why they must; any other stores rows at dates of its own.

What is stored at a fixed date must not be judged by the real clock: such a test turns red when the
date has passed. A unit test keeps this list true, and `make shifted` plays it under other clocks.
"""

SIGNS = "it signs deliveries, and the receiver takes none whose time is minutes off"
SOURCE = "the simulated PIM stamps by the real clock, and what is shown is compared with that"
JUDGED = "it stores rows whose age the code under test judges by the real clock"
PREFECT = "Prefect's server plans and judges runs by the real clock"

REAL_CLOCK = {
    "tests/drill/test_prefect_away.py": PREFECT,
    "tests/drill/test_rights_drill.py": SOURCE,
    "tests/integration/cli/shop_store.py": JUDGED,
    "tests/integration/cli/test_cli_approve_command.py": JUDGED,
    "tests/integration/cli/test_cli_cures_on_the_wire.py": "a certificate is valid for a while",
    "tests/integration/cli/test_cli_doctor_receiver.py": JUDGED,
    "tests/integration/cli/test_cli_dead_letters_commands.py": JUDGED,
    "tests/integration/cli/test_cli_nasty_text.py": JUDGED,
    "tests/integration/cli/test_cli_reconcile_command.py": JUDGED,
    "tests/integration/cli/test_cli_secrets.py": SIGNS,
    "tests/integration/cli/test_cli_status_command.py": JUDGED,
    "tests/integration/cli/test_why_fates.py": SOURCE,
    "tests/integration/deployments/test_housekeeping_run.py": JUDGED,
    "tests/integration/deployments/test_tidy_runs.py": PREFECT,
    "tests/integration/deployments/test_worker_death.py": PREFECT,
    "tests/integration/flows/model_scene.py": SIGNS,
    "tests/integration/flows/test_faults_listings.py": SOURCE,
    "tests/integration/flows/test_faults_retry_after.py": SOURCE,
    "tests/integration/flows/test_faults_time.py": SOURCE,
    "tests/integration/flows/test_housekeeping.py": JUDGED,
    "tests/integration/flows/test_lost_events.py": SOURCE,
    "tests/integration/flows/test_lost_rights.py": SOURCE,
    "tests/integration/flows/test_misleading_tales.py": SOURCE,
    "tests/integration/flows/test_reconcile_delta.py": SOURCE,
    "tests/integration/flows/test_store_outages.py": JUDGED,
    "tests/integration/flows/test_sweep_alarms.py": JUDGED,
    "tests/integration/flows/test_webhook_recipe.py": "the document's receiver judges by it",
    "tests/integration/pim/test_pim_client_and_simulator.py": SOURCE,
    "tests/integration/pim/test_pim_zone_check.py": SOURCE,
    "tests/integration/receiver/receiver_scene.py": SIGNS,
    "tests/integration/receiver/test_prefect_runs.py": PREFECT,
    "tests/integration/storage/test_store_retention.py": "the database stamps a mark as it closes",
    "tests/post_office.py": SIGNS,
    "tests/property/receiver_world.py": SIGNS,
    "tests/property/test_receiver_deliveries.py": SIGNS,
    "tests/served_app.py": SOURCE,
    "tests/shop.py": SOURCE,
    "tests/unit/receiver/test_scrape.py": JUDGED,
}
