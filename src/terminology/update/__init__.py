"""The unattended update: fetch, load, verify, compare, report, publish."""
