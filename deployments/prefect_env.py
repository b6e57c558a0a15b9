"""The environment under which every Prefect-using process of ours runs.

Prefect reads its settings once, when it is imported, from the environment, `.env` files and the
user's profile. So they are set before that import, and the profile is kept out: a user's own
Prefect set-up is neither read nor changed.
"""

from settings import Settings


def prefect_environment(settings: Settings) -> dict[str, str]:
    """Return the `PREFECT_*` variables for our Prefect server, worker, receiver and `deploy`.

    Pure: computed from the settings alone. Every name exists in Prefect 3.8.8 (tested).
    """
    raise NotImplementedError(settings)


def apply_prefect_environment(settings: Settings) -> None:
    """Put `prefect_environment` into this process; to be called before prefect is imported.

    Variables that the user has set already win over our tunings, but not over the home, the
    profiles path and the API's address. `deploy`, `run_worker` and `run_up` call it themselves;
    the `receiver` command calls it before it builds its trigger.

    Raises:
        RuntimeError: prefect has been imported already, so the variables would be ignored.
    """
    raise NotImplementedError(settings)
