"""Everything on one machine: Prefect's server, worker, receiver and demo, started and watched.

Outside, these names are used; `preparing` is a process of its own, and the only way to Prefect.
"""

from deployments.up.plan import local_url
from deployments.up.run import run_up

__all__ = ["local_url", "run_up"]
