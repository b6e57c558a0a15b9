"""The operator's command `akeneo-sync`."""
