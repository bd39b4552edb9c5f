"""``python -m terminology``: the command line."""

from .cli import main

main()
