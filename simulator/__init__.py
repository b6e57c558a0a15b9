"""A PIM that behaves like Akeneo, faults included."""
