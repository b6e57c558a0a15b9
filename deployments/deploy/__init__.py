"""Deploying: work pool, deployments and automation, brought to what the catalogue declares.

Outside, `deploy` is called; `preparing` is a process of its own, which `up` starts.
"""

from deployments.deploy.run import deploy

__all__ = ["deploy"]
