"""Files of the longest scenes: `make long` plays them, CI does; `make test` has shorter ones."""

LONG = (
    "integration/deployments/test_kills.py",
    "integration/flows/test_becoming_pim7.py",
    "integration/flows/test_containment.py",
    "integration/flows/test_faults_listings.py",
    "integration/flows/test_faults_time.py",
    "integration/flows/test_identifier_spellings.py",
    "integration/flows/test_identity_changes.py",
    "integration/flows/test_lost_events.py",
    "integration/flows/test_lost_rights.py",
    "integration/flows/test_metrics_are_true.py",
    "integration/flows/test_mirror_things.py",
    "integration/flows/test_models_everywhere.py",
    "integration/flows/test_models_sweeps.py",
    "integration/flows/test_models_troubles.py",
)
