"""The command line: a layer over the façade. Packages that draw or load are imported by the commands that do."""

from .application import main

__all__ = ["main"]
