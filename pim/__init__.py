"""The source system's language: what Akeneo says and what it means."""
