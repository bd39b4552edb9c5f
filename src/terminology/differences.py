"""The difference of two editions, as tables."""
