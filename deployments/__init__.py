"""Deployments of the flows, the workers that run them, and `up`, which runs everything."""
