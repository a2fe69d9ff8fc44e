"""A path of strengths in the terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane.report.columns import Document
from wane.report.comparison import WORDS
from wane.report.numbers import number, signed_interval
from wane.report.wording import counted, metric_label, norm_label, printable, row_counts


def path_rows(document: Document) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headers, and a row for each strength: metric, loss, norm and zeros, warm and cold.

    The norm is that of the first layer with a kernel; zeros have columns where there are any.
    """
    stages, metric = document["stages"], document["study"]["metric"]
    norm = next((c for c in stages[0]["warm"]["numbers"] if c.startswith("norm_")), None)
    columns = [("validation_data_loss", "data loss")]
    if metric != "data_loss":
        columns.insert(0, (f"validation_{metric}", metric_label(metric)))
    if norm is not None:
        columns.append((norm, f"norm {norm_label(norm.removeprefix('norm_'))}"))
    if any(stage["warm"]["numbers"]["zeros"]["mean"] for stage in stages):
        columns.append(("zeros", "zeros"))
    headers = ["strength"]
    headers += [f"{label}\nwarm / cold" for _, label in columns]
    headers += ["warm minus cold,\n95 % interval", ""]
    return tuple(headers), [_row(stage, [column for column, _ in columns]) for stage in stages]


def _row(stage: Mapping[str, Any], columns: list[str]) -> tuple[str, ...]:
    cells = [f"{stage['strength']:g}" if stage["strength"] else "none"]
    for column in columns:
        both = [number(stage[start]["numbers"][column]["mean"]) for start in ("warm", "cold")]
        cells.append(" / ".join(both) if stage["stage"] else both[0])
    difference = stage["warm_minus_cold"]
    conclusion = difference["conclusion"]
    words = {**WORDS, "the same run": ""}
    low, high = difference["low"], difference["high"]
    cells += [signed_interval(low, high), words.get(conclusion, conclusion)]
    return tuple(cells)


def path_lines(document: Document) -> list[RenderableType]:
    """What is printed when a path is done."""
    study = document["study"]
    headers, rows = path_rows(document)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, header in enumerate(headers):
        right = 0 < place < len(headers) - 1
        table.add_column(
            Text(header, style="bold"), justify="right" if right else "left", no_wrap=True
        )
    for row in rows:
        table.add_row(*map(Text, row))
    about = f"{printable(study['task'])}; {row_counts(study['rows'])} rows"
    over = " over rows and seeds" if study["shares_split"] and study["repeats"] > 1 else ""
    note = (
        f"Validation rows; the interval is that of the data loss{over}. Better, worse: significant "
        "at 5 % after Holm's adjustment over the strengths; unclear: no difference detected."
    )
    lines: list[RenderableType] = [
        Text.assemble((printable(study["name"]), "bold"), f": {about}"),
        Text(f"{len(rows)} strengths, {counted(study['repeats'], 'run')} each, warm and cold"),
        Text(printable(study["resampling"])),
        Text(),
        table,
        Text(note, style="dim"),
        Text(),
        Text(printable(document["text"]), style="bold"),
        Text(),
    ]
    if "files" in document:
        lines.append(Text(f"Folder {printable(document['files']['folder'])}"))
    return lines
