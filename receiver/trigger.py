"""Asking Prefect for a drain: the only module here that knows Prefect."""

DEPLOYMENT_NAME = "process-inbox/on-event"
"""A test compares it with the catalogue: receiver and deployments never import each other."""
