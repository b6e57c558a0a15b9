"""Odd answers on request: which calls they are for, and what is done to what the PIM says."""
