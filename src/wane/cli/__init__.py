"""The command line: parse, call, print."""

from wane.cli import study, models, literature  # noqa: I001 # the order in which help lists them
from wane.cli.app import app, main

__all__ = ["app", "literature", "main", "models", "study"]
