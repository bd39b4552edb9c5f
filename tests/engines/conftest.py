"""Tests with the engines that others run on; what is not installed is skipped, with the reason."""
