"""Deploying: work pool, deployments and automation, brought to what the catalogue declares.

Outside, `deploy` is called; `publishing`, by its own name, is for who has an event loop already.
"""

from deployments.deploy.run import deploy

__all__ = ["deploy"]
