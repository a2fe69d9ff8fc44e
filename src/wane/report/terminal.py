"""The result of a study in the terminal."""

import io
import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from wane._language import gettext, pgettext
from wane.report.columns import Column, Document, is_chosen, summary_columns, summary_rows
from wane.report.display.recorded import about, recorded
from wane.report.numbers import duration
from wane.report.statistics import expectation_rows, expectation_source
from wane.report.wording import (
    diverged_lines,
    filled,
    metric_label,
    of_part,
    paragraph,
    printable,
    run_counts,
    spoken,
    stage_label,
)

# Every text goes in as a Text, never as a string: a name like "[red]" is a name, not markup.

MARK = "▸"
_GAP = 2
"""Characters between columns: one of padding, and one of the box."""
_NARROWEST_NAME = 24
_CHINESE = re.compile("[\u3000-\u9fff]")
_OPENING, _CLOSING = (
    "\uff08\u201c\u300a",
    "\uff0c\u3002\uff1b\uff1a\u3001\uff09\u201d\u300b\uff01\uff1f",
)
_WORD = rf"[\u3400-\u9fff]|[^\s\u3000-\u9fff{_OPENING}{_CLOSING}]+|\S"
_UNITS = re.compile(rf"[{_OPENING}]*(?:{_WORD})[{_CLOSING}]*\s*")
"""What no line ends in: a word or a character, with the punctuation before and after it."""
_LABEL = 7
"""Characters before the files and the time."""
SIMPLER = "▹"
"""Marks the strongest candidate within one standard error of the chosen one, if it is another."""


def plain_text(lines: Iterable[RenderableType], *, width: int) -> str:
    """The lines as a terminal of ``width`` characters shows them, without colours."""
    # In a notebook rich would show the lines on the page and capture nothing.
    console = Console(file=io.StringIO(), width=width, color_system=None, force_jupyter=False)
    with console.capture() as shown:
        for line in lines:
            console.print(wrapped(line, width))
    return "\n".join(line.rstrip() for line in shown.get().splitlines())


def wrapped(line: RenderableType, width: int) -> RenderableType:
    """A line for a terminal of ``width`` characters; what has no Chinese stays as it is.

    A terminal breaks lines at spaces, of which Chinese has hardly any: it may break between any two
    characters, but for those before which, or after which, no line ends.
    """
    if not isinstance(line, Text) or not _CHINESE.search(line.plain):
        return line
    parts = line.divide(line_breaks(line.plain, width))
    for part in parts:
        part.rstrip()
    return Text("\n", end="").join(parts)


def line_breaks(text: str, width: int) -> list[int]:
    """Where the second and further lines begin of a text that may be Chinese.

    Args:
        text: the text.
        width: of a line, in Latin characters; a Chinese one is two of them wide.
    """
    breaks, start, used = list[int](), 0, 0
    for found in _UNITS.finditer(text):
        cells = cell_len(found[0].rstrip())
        if used + cells > width and found.start() > start:
            breaks.append(found.start())
            start, used = found.start(), 0
        used += cell_len(found[0])
    return breaks


def summary_tables(document: Document, *, width: int = 100) -> list[Table]:
    """A row for each candidate, the chosen one marked; see :func:`summary_columns`.

    Where the columns do not fit ``width`` (in characters) they are divided into several tables,
    each of which has the candidates.
    """
    return [_table(document, columns) for columns in _divided(summary_columns(document), width)]


def _table(document: Document, columns: Sequence[Column]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    table.add_column("", no_wrap=True)
    for index, column in enumerate(columns):
        first = index == 0
        table.add_column(
            Text("\n".join(column.header), style="bold"),
            justify="left" if first else "right",
            no_wrap=not first,
            min_width=_header_width(column) if first else None,
            overflow="fold",
        )
    for row, candidate in enumerate(summary_rows(document)):
        if row == len(document["candidates"]):
            table.add_section()
        chosen = is_chosen(document, candidate["name"])
        simpler = candidate["name"] == document.get("one_standard_error") != document["chosen"]
        cells = (
            MARK if chosen else SIMPLER if simpler else "",
            *(column.cells[row] for column in columns),
        )
        table.add_row(*map(Text, cells), style="bold" if chosen else "")
    return table


def summary_lines(document: Document, *, width: int = 100) -> list[RenderableType]:
    """What is printed when a study is done: title, table, verdict, files, time by stage.

    ``width`` is that of the console, in characters.
    """
    lines = [*opening_lines(document), *answer_lines(document, width=width), Text()]
    return [*lines, *_expected_lines(document), *closing_lines(document)]


def answer_lines(document: Document, *, width: int = 100) -> list[RenderableType]:
    """The table of candidates, what went wrong, and the verdict."""
    lines: list[RenderableType] = []
    for table in summary_tables(document, width=width):
        lines += [table, Text()]
    shown = {one.group for part in _divided(summary_columns(document), width) for one in part}
    lines[-1] = Text(_note(document, shown), style="dim")  # right below the last table
    lines.append(Text())
    lines += [Text(line, style="yellow") for line in diverged_lines(document["candidates"])]
    lines += [Text(recorded(note), style="yellow") for note in document.get("notes", [])]
    said = spoken(document["verdict"])
    answer, text = (printable(said[name]) for name in ("answer", "text"))
    evidence = text.removeprefix(answer).strip()
    verdict = Text(answer, style="bold")
    following = paragraph([answer, evidence]).removeprefix(answer)
    return [*lines, verdict.append(following, style="not bold")]


def title_of(document: Document) -> str:
    """What was studied, in a line."""
    study = document["study"]
    return gettext("{name}: {about}").format(name=printable(study["name"]), about=about(study))


def opening_lines(document: Document) -> list[RenderableType]:
    """What was studied, and how often: the lines before the table."""
    name = len(printable(document["study"]["name"]))
    title = Text(title_of(document))
    title.stylize("bold", 0, name)
    resampling = recorded(document["study"]["resampling"])
    return [title, Text(run_counts(document)), Text(resampling), Text()]


def closing_lines(document: Document) -> list[RenderableType]:
    """Files and time by stage."""
    return [*_file_lines(document["files"]), _time_line(document["seconds"])]


def _note(document: Document, shown: Collection[str]) -> str:
    """What the marks and figures of the tables mean, of groups of columns that are shown."""
    by = of_part("validation", metric_label(document["study"].get("select_by", "data_loss")))
    simpler = document.get("one_standard_error", document["chosen"])
    within = gettext("strongest within one standard error of it")
    notes = []
    if is_chosen(document, document["chosen"]):
        how = filled(gettext("chosen by {metric}"), metric=by)
        notes.append(f"{MARK} {how}")
        notes += [] if simpler == document["chosen"] else [f"{SIMPLER} {within}"]
    if "wins" in shown:
        notes.append(
            gettext("best in draws: how often it is the best when validation rows are drawn anew")
        )
    if document.get("references"):
        notes.append(
            gettext("below the line: models of other kinds on the same rows, never chosen")
        )
    if any("±" in cell for column in summary_columns(document) for cell in column.cells):
        notes.append(gettext("± is one standard deviation over runs"))
    return pgettext("between notes", "; ").join(notes)


def _expected_lines(document: Document) -> list[RenderableType]:
    """What to expect on new rows, beside what was measured on the rows used for selection."""
    rows = expectation_rows(document)
    if not rows:
        return []
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    table.add_column("")
    headers = (
        gettext("on new rows"),
        gettext("95 % interval"),
        gettext("on choosing rows"),
        gettext("selection optimism"),
    )
    for header in headers:
        table.add_column(Text(header, style="bold"), justify="right")
    for row in rows:
        table.add_row(*map(Text, row))
    chosen, source = printable(document["chosen"]), expectation_source(document)
    optimism = gettext(
        "selection optimism: how much better the choice looks on the rows that chose it"
    )
    title = gettext("What to expect of {chosen}, from {source}")
    shown = Text(title.format(chosen=chosen, source=source))
    return [shown, table, Text(optimism, style="dim"), Text()]


def _divided(columns: Sequence[Column], width: int) -> list[list[Column]]:
    """The columns of each table, so that each fits, if it can; the first column is in all."""
    names, *others = columns
    counts = next((column for column in others if column.group == "runs"), None)
    fewest = len(_packed(names, others, width))
    # The line above the tables has equal counts too, and the report how stable the choice is:
    # not worth a table more.
    droppable = [{"wins"}]
    if counts is not None and len(set(counts.cells)) == 1:
        droppable = [{"runs"}, {"wins"}, {"runs", "wins"}]
    for groups in droppable:
        without = [column for column in columns[1:] if column.group not in groups]
        if len(_packed(names, without, width)) < fewest:
            others, fewest = without, len(_packed(names, without, width))
    return [[names, *table] for table in _packed(names, others, width)]


def _packed(names: Column, others: Sequence[Column], width: int) -> list[list[Column]]:
    """Tables filled one after the other; a group that fits one table is not divided."""
    tables: list[list[Column]] = [[]]
    for _, group in itertools.groupby(others, key=lambda column: column.group):
        together = list(group)
        if not _fits([names, *tables[-1], *together], width) and _fits([names, *together], width):
            tables.append([])
        for column in together:
            if tables[-1] and not _fits([names, *tables[-1], column], width):
                tables.append([])
            tables[-1].append(column)
    return [table for table in tables if table]


def _fits(columns: Sequence[Column], width: int) -> bool:
    return _total_width(columns) <= width


def _total_width(columns: Sequence[Column]) -> int:
    names, *numbers = columns
    longest_name = max(map(cell_len, names.cells), default=0)
    longest_word = max((cell_len(word) for cell in names.cells for word in cell.split()), default=0)
    # Long names may take several lines.
    name = min(longest_name, max(longest_word, _NARROWEST_NAME))
    total = len(MARK) + _GAP + max(name, _header_width(names))
    for column in numbers:
        total += _GAP + max(map(cell_len, (*column.header, *column.cells)))
    return total


def _header_width(column: Column) -> int:
    return max(map(cell_len, column.header))


def _file_lines(files: Mapping[str, Any]) -> list[Text]:
    labels = {
        "report": gettext("Report"),
        "model": gettext("Model"),
        "preprocessing": gettext("Inputs"),
        "folder": gettext("Folder"),
    }
    return [
        Text(f"{set_cell_size(label, _LABEL)}{printable(str(files[key]))}")
        for key, label in labels.items()
        if files.get(key)
    ]


def _time_line(seconds: Mapping[str, float | None]) -> Text:
    stages = pgettext("between counts", ", ").join(
        f"{stage_label(stage)} {duration(value)}"
        for stage, value in seconds.items()
        if stage != "total" and value is not None and value >= 0.05
    )
    total = duration(seconds.get("total"))
    if stages:
        total = gettext("{total} ({stages})").format(total=total, stages=stages)
    return Text(f"{set_cell_size(gettext('Time'), _LABEL)}{total}")
