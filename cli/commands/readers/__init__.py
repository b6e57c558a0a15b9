"""Commands for those who read the store: shops, and who looks after them."""
