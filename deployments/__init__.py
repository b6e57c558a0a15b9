"""What runs where and when: catalogue, warm worker, `up`."""
