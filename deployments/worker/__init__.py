"""Workers: our own warm one, or Prefect's for another pool, and what they leave when they are gone.

Outside, these names are used; `lost_runs` and `warm_worker`, by their own names: they import
Prefect, which must not be imported before `apply_prefect_environment`.
"""

from deployments.worker.process_identity import own_incarnation, worker_name
from deployments.worker.run import run_worker

__all__ = ["own_incarnation", "run_worker", "worker_name"]
