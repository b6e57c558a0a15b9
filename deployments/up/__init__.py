"""Everything on one machine: Prefect's server, worker, receiver and demo, started and watched.

Outside, `run_up` is called; `preparing` is a process of its own, and the only way to Prefect.
"""

from deployments.up.run import run_up

__all__ = ["run_up"]
