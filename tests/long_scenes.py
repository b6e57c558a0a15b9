"""Files of the longest scenes: `make long` plays them, CI does; `make test` has shorter ones."""

LONG = (
    "integration/deployments/test_kills.py",
    "integration/flows/test_faults_listings.py",
    "integration/flows/test_identity_changes.py",
    "integration/flows/test_mirror_things.py",
    "integration/flows/test_models_everywhere.py",
    "integration/flows/test_models_sweeps.py",
    "integration/flows/test_models_troubles.py",
)
