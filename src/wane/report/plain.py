"""What a terminal shows, as text without colours."""

import io
from collections.abc import Iterable

from rich.console import Console, RenderableType


def plain_text(lines: Iterable[RenderableType], *, width: int) -> str:
    """The lines as a terminal of ``width`` characters shows them, without colours."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    with console.capture() as shown:
        for line in lines:
            console.print(line)
    return "\n".join(line.rstrip() for line in shown.get().splitlines())
