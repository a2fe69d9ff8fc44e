"""A comparison of methods in the terminal."""

from rich import box
from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane.report.columns import Document
from wane.report.numbers import NOTHING, number, signed_interval
from wane.report.terminal import MARK, closing_lines, opening_lines
from wane.report.wording import metric_label, printable

WORDS = {
    "no difference detected": "unclear",
    "cannot be told": "too few",
    "not comparable": "ineligible",
}
"""Shorter conclusions, for the narrow last column."""
_WIDE_NAME = 16
"""Names of methods that are longer take several lines where the terminal is narrow."""
_OF_OTHER_KINDS = ("no signal", "worse than linear")
"""Diagnoses by models beside the networks, without which the best of methods may look good."""


def method_rows(document: Document) -> list[tuple[str, ...]]:
    """For each method: name, best setting, metric, value, interval, conclusion.

    Args:
        document: the document of a study with its ``compare``.
    """
    summary = document["compare"]
    return [
        (
            printable(row["method"]),
            printable(row["setting"] or NOTHING) if row["method"] != "none" else NOTHING,
            *([] if summary["metric"] == summary["by"] else [number(row["metric_value"])]),
            number(row["value"]),
            signed_interval(row["low"], row["high"]),
            printable(WORDS.get(row["conclusion"], row["conclusion"])),
        )
        for row in summary["methods"]
    ]


def method_headers(document: Document) -> tuple[str, ...]:
    """The headers of :func:`method_rows`."""
    summary = document["compare"]
    values = dict.fromkeys((summary["metric"], summary["by"]))
    headers = [f"{summary['evaluated_on']}\n{metric_label(name)}" for name in values]
    return ("method", "best setting", *headers, "minus none,\n95 % interval", "")


def method_note(document: Document) -> str:
    """How methods and settings were chosen and what conclusions mean, after "… all settings"."""
    by = metric_label(document["compare"]["by"])
    return (
        f"are chosen by validation {by}. Better, worse: significant at 5 % after Holm's adjustment "
        f"over the methods; unclear: no difference detected."
    )


def comparison_lines(document: Document) -> list[RenderableType]:
    """What is printed when a comparison is done: title, table, verdict, files, time."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    longest = max(cell_len(row[0]) for row in method_rows(document))
    narrowest = {0: min(longest, _WIDE_NAME), 1: 12}
    for place, header in enumerate(method_headers(document)):
        left = place < 2 or not header
        table.add_column(
            Text(header, style="bold"),
            justify="left" if left else "right",
            no_wrap=place not in (0, 1),
            overflow="fold",
            min_width=narrowest.get(place),
        )
    best = document["compare"]["best"]
    for row in method_rows(document):
        chosen = row[0] == printable(best)
        cells = (MARK if chosen else "", *row)
        table.add_row(*map(Text, cells), style="bold" if chosen else "")
    note = f"{MARK} and all settings {method_note(document)}"
    notes = [Text(printable(note), style="yellow") for note in document.get("notes", [])]
    text = document["compare"]["text"]
    if document["verdict"]["diagnosis"]["kind"] in _OF_OTHER_KINDS:
        text = f"{document['verdict']['answer']} {text}"
    verdict = Text(printable(text), style="bold")
    return [
        *opening_lines(document),
        table,
        Text(note, style="dim"),
        Text(),
        *notes,
        verdict,
        Text(),
        *closing_lines(document),
    ]
