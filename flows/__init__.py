"""Prefect flows, and the rooms of the logic that they run: the flows themselves are thin."""
