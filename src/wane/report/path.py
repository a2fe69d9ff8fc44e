"""A path of strengths in the terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane._language import gettext, pgettext
from wane.report.columns import Document
from wane.report.comparison import conclusion_label
from wane.report.display.recorded import recorded
from wane.report.numbers import number, signed_interval, strength_text
from wane.report.terminal import title_of
from wane.report.wording import counted, metric_label, norm_label, paragraph, printable, spoken


def path_rows(document: Document) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headers, and a row for each strength: metric, loss, norm and zeros, warm and cold.

    The norm is that of the first layer with a kernel; zeros have columns where there are any.
    """
    stages, metric = document["stages"], document["study"]["metric"]
    norm = next((c for c in stages[0]["warm"]["numbers"] if c.startswith("norm_")), None)
    columns = [("validation_data_loss", metric_label("data_loss"))]
    if metric != "data_loss":
        columns.insert(0, (f"validation_{metric}", metric_label(metric)))
    if norm is not None:
        layer = norm_label(norm.removeprefix("norm_"))
        columns.append((norm, gettext("norm {layer}").format(layer=layer)))
    if any(stage["warm"]["numbers"]["zeros"]["mean"] for stage in stages):
        columns.append(("zeros", gettext("zeros")))
    headers = [gettext("strength")]
    both = gettext("warm / cold")
    headers += [f"{label}\n{both}" for _, label in columns]
    headers += [gettext("warm minus cold,\n95 % interval"), ""]
    return tuple(headers), [_row(stage, [column for column, _ in columns]) for stage in stages]


def _row(stage: Mapping[str, Any], columns: list[str]) -> tuple[str, ...]:
    cells = [
        strength_text(stage["strength"]) if stage["strength"] else pgettext("strength", "none")
    ]
    for column in columns:
        both = [number(stage[start]["numbers"][column]["mean"]) for start in ("warm", "cold")]
        cells.append(" / ".join(both) if stage["stage"] else both[0])
    difference = stage["warm_minus_cold"]
    conclusion = difference["conclusion"]
    words = "" if conclusion == "the same run" else conclusion_label(conclusion)
    low, high = difference["low"], difference["high"]
    cells += [signed_interval(low, high), words]
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
    title = Text(title_of(document))
    title.stylize("bold", 0, len(printable(study["name"])))
    of_rows = gettext("Validation rows; the interval is that of the data loss.")
    if study["shares_split"] and study["repeats"] > 1:
        of_rows = gettext(
            "Validation rows; the interval is that of the data loss over rows and seeds."
        )
    what = gettext(
        "Better, worse: significant at 5 % after Holm's adjustment over the strengths; unclear: no "
        "difference detected."
    )
    strengths = gettext("{count} strengths, {runs} each, warm and cold")
    lines: list[RenderableType] = [
        title,
        Text(strengths.format(count=len(rows), runs=counted(study["repeats"], "run"))),
        Text(recorded(study["resampling"])),
        Text(),
        table,
        Text(paragraph([of_rows, what]), style="dim"),
        Text(),
        Text(printable(spoken(document)["text"]), style="bold"),
        Text(),
    ]
    if document.get("files"):
        lines.append(Text(f"{gettext('Folder')} {printable(document['files']['folder'])}"))
    return lines
