"""Presets and conversions in the terminal, drawn from the documents of ``wane.literature``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane._language import gettext, pgettext
from wane.report.display.recorded import of_literature
from wane.report.wording import bracketed, printable

Preset = Mapping[str, Any]
"""The document of one preset."""

_GAP = 2
"""Characters between columns: one of padding, and one of the box."""


def _columns() -> dict[str, Callable[[Preset], str]]:
    """The cell of a preset, by the header of its column."""
    return {
        gettext("preset"): lambda preset: preset["name"],
        gettext("published"): _published,
        gettext("form"): lambda preset: of_literature(preset["form"]),
        gettext("in wane"): _use,
        gettext("optimizer"): lambda preset: of_literature(preset["optimizer"]),
        gettext("target"): lambda preset: of_literature(preset["target"]),
        gettext("source"): lambda preset: preset["source"]["text"],
    }


def _published(preset: Preset) -> str:
    """As published; of a schedule the first and last strength, so that the table stays narrow."""
    values = preset["published"].split(", ")
    text = of_literature(preset["published"])
    text = f"{values[0]} … {values[-1]}" if preset["starts"] else text
    return text if preset["verified"] else f"{text} *"


def _use(preset: Preset) -> str:
    """What to write; a schedule without its numbers."""
    use: str = preset["use"]
    return f"{use.partition('({')[0]}(…))" if preset["starts"] else of_literature(use)


def preset_lines(presets: Sequence[Preset], *, width: int = 100) -> list[RenderableType]:
    """A row for each preset, in as many tables as it takes to fit ``width`` (in characters)."""
    first, *others = _columns()
    parts = [[first]]
    for column in others:
        if _width(presets, [*parts[-1], column]) > width and len(parts[-1]) > 1:
            parts.append([first])
        parts[-1].append(column)
    lines: list[RenderableType] = []
    for part in parts:
        lines += [_table(presets, part), Text()]
    note = gettext(
        "A coupled weight decay wd is the gradient wd · w, so Keras's L2 is wd/2. A decoupled one, "
        "WeightDecay, is the optimizer's weight_decay. `wane presets NAME` shows all about one."
    )
    lines.append(Text(note, style="dim"))
    if not all(preset["verified"] for preset in presets):
        mark = gettext("* as a published case study reports it; not checked in the source itself.")
        lines.append(Text(mark, style="dim"))
    return lines


def _width(presets: Sequence[Preset], columns: Sequence[str]) -> int:
    widest = [max(map(cell_len, [name, *_cells(presets, name)])) for name in columns]
    return sum(widest) + _GAP * (len(columns) - 1)


def _cells(presets: Sequence[Preset], column: str) -> list[str]:
    cell = _columns()[column]
    return [printable(cell(preset)) for preset in presets]


def _table(presets: Sequence[Preset], columns: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    for column in columns:
        table.add_column(Text(column, style="bold"), overflow="fold")
    for row in zip(*(_cells(presets, column) for column in columns), strict=True):
        table.add_row(*map(Text, row))
    return table


def preset_details(preset: Preset) -> list[RenderableType]:
    """All that is known of one preset, a line for each thing."""
    source, comma = preset["source"], pgettext("between counts", ", ")
    things = {
        gettext("model"): of_literature(preset["model"]),
        gettext("published"): of_literature(preset["published"])
        + bracketed(comma.join([of_literature(preset["form"]), preset["convention"]])),
        gettext("optimizer"): of_literature(preset["optimizer"]),
        gettext("target"): of_literature(preset["target"]),
        gettext("in wane"): of_literature(preset["use"]),
        gettext("acts on"): pgettext("between notes", "; ").join(
            gettext("{roles} of {layers} layers").format(
                roles=comma.join(penalty["on"]), layers=penalty["layers"]
            )
            for penalty in preset["penalties"]
        ),
        gettext("note"): of_literature(preset["note"]),
        gettext("source"): f"{source['authors']} ({source['year']}): {source['title']}",
        gettext("where"): of_literature(source["where"]),
        gettext("read it"): source["url"],
    }
    grid = Table.grid(padding=(0, 2, 0, 0))
    for thing, text in things.items():
        if text:
            grid.add_row(Text(thing, style="dim"), Text(printable(text), overflow="fold"))
    return [Text(printable(preset["name"]), style="bold"), grid]


def conversion_lines(document: Mapping[str, Any]) -> list[RenderableType]:
    """The converted strength, its formula, and what both conventions do with it."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for side in ("source", "target"):
        name, meaning = document[side]["name"], of_literature(document[side]["meaning"])
        grid.add_row(Text(name, style="dim", no_wrap=True), Text(meaning))
    lines: list[RenderableType] = [Text(document["formula"], style="bold"), Text(), grid]
    return [*lines, *([Text(), Text(of_literature(document["note"]))] if document["note"] else [])]
