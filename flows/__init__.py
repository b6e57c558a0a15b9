"""Prefect flows and retry policy: thin around the logic they import."""
