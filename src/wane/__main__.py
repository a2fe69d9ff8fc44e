"""``python -m wane`` is ``wane``."""

from wane.cli import main

main()
