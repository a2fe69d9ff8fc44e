"""The command line: parse, call, print."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

    app: typer.Typer


def main() -> None:
    """Run the command line: the module of the command that is named, and no other, is loaded."""
    import sys

    from wane.cli import application, commands

    named = (argument for argument in sys.argv[1:] if not argument.startswith("-"))
    commands.load(next(named, None))
    application.main()


def __getattr__(name: str) -> Any:
    """``app``, the application with all its commands."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wane.cli import application, commands

    commands.load_all()
    return application.app
