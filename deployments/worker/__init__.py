"""Workers: our own warm one, or Prefect's for another pool, and what they leave when they are gone.

Outside, `run_worker` is called, and what is wanted of `lost_runs` by its own name: that imports
Prefect, which must not be imported before `apply_prefect_environment`.
"""

from deployments.worker.run import run_worker

__all__ = ["run_worker"]
