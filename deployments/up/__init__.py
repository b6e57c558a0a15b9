"""Everything on one machine: Prefect's server, worker, receiver and demo, started and watched.

Outside, `run_up` is called. It does not import Prefect: what speaks to it are other processes.
"""

from deployments.up.run import run_up

__all__ = ["run_up"]
