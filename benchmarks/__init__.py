"""Benchmarks: our figure, a peer's, and the ratio, measured in one run. See `python -m benchmarks --help`."""
