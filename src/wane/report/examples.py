"""The built-in examples in the terminal, drawn from their document."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane.report.wording import printable


def example_lines(examples: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """A row for each example: task, rows of each part, networks, and what it shows."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    headers = ("example", "task", "train, validation,\ntest rows", "networks", "shows")
    for header in headers:
        table.add_column(Text(header, style="bold"), no_wrap=header != headers[-1])
    for example in examples:
        rows = ", ".join(f"{count:,}" for count in example["rows"].values())
        networks = "\n".join(map(printable, example["networks"]))
        cells = (example["name"], example["task"], rows, example["shows"])
        name, task, counts, shows = (Text(printable(cell)) for cell in cells)
        table.add_row(name, task, counts, Text(networks), shows)
    fresh = ", ".join(printable(example["name"]) for example in examples if example["fresh"])
    note = (
        "`wane study NAME` runs one. Its own network is named first, --network takes another. "
        f"--fresh draws new rows for each repeat: {fresh}."
    )
    return [table, Text(), Text(note, style="dim")]
