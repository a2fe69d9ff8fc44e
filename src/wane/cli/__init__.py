"""The command line: parse, call, print."""

from wane.cli import study, explore, resume, models, literature  # noqa: I001 # help lists them so
from wane.cli.app import app, main

__all__ = ["app", "explore", "literature", "main", "models", "resume", "study"]
