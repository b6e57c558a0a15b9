"""The intake: verify a delivery, store its batch, trigger a drain."""
