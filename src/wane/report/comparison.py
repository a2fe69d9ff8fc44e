"""A comparison of methods in the terminal."""

from rich import box
from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from wane._language import gettext
from wane.report.columns import Document
from wane.report.display.layers import layer_lines
from wane.report.display.recorded import recorded
from wane.report.numbers import NOTHING, number, signed_interval
from wane.report.terminal import MARK, closing_lines, opening_lines
from wane.report.wording import (
    filled,
    method_label,
    metric_label,
    of_part,
    paragraph,
    part_label,
    printable,
    spoken,
)

_WIDE_NAME = 16
"""Names of methods that are longer take several lines where the terminal is narrow."""
_OF_OTHER_KINDS = ("no signal", "worse than linear")
"""Diagnoses by models beside the networks, without which the best of methods may look good."""


def conclusion_label(conclusion: str) -> str:
    """What a test shows, as short as the narrow last column of a table wants it."""
    labels = {
        "better": gettext("better"),
        "worse": gettext("worse"),
        "baseline": gettext("baseline"),
        "no difference detected": gettext("unclear"),
        "cannot be told": gettext("too few"),
        "not comparable": gettext("ineligible"),
    }
    return labels.get(conclusion, printable(conclusion))


def method_rows(document: Document) -> list[tuple[str, ...]]:
    """For each method: name, best setting, metric, value, interval, conclusion.

    Args:
        document: the document of a study with its ``compare``.
    """
    summary = document["compare"]
    return [
        (
            method_label(row["method"]),
            printable(row["setting"] or NOTHING) if row["method"] != "none" else NOTHING,
            *([] if summary["metric"] == summary["by"] else [number(row["metric_value"])]),
            number(row["value"]),
            signed_interval(row["low"], row["high"]),
            conclusion_label(row["conclusion"]),
        )
        for row in summary["methods"]
    ]


def method_headers(document: Document) -> tuple[str, ...]:
    """The headers of :func:`method_rows`."""
    summary = document["compare"]
    values = dict.fromkeys((summary["metric"], summary["by"]))
    part = part_label(summary["evaluated_on"])
    headers = [f"{part}\n{metric_label(name)}" for name in values]
    interval = gettext("minus none,\n95 % interval")
    return (gettext("method"), gettext("best setting"), *headers, interval, "")


def method_note(document: Document) -> str:
    """How methods and settings were chosen and what conclusions mean, after "… all settings"."""
    by = of_part("validation", metric_label(document["compare"]["by"]))
    text = gettext(
        "are chosen by {metric}. Better, worse: significant at 5 % after Holm's adjustment over "
        "the methods; unclear: no difference detected."
    )
    return filled(text, metric=by)


def comparison_answer(document: Document) -> str:
    """What a comparison shows, after what models of other kinds show that matters more."""
    text: str = spoken(document["compare"])["text"]
    if document["verdict"]["diagnosis"]["kind"] in _OF_OTHER_KINDS:
        return paragraph([spoken(document["verdict"])["answer"], text])
    return text


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
        chosen = row[0] == method_label(best)
        cells = (MARK if chosen else "", *row)
        table.add_row(*map(Text, cells), style="bold" if chosen else "")
    note = gettext("{mark} and all settings {how}").format(mark=MARK, how=method_note(document))
    notes = [Text(recorded(note), style="yellow") for note in document.get("notes", [])]
    verdict = Text(printable(comparison_answer(document)), style="bold")
    return [
        *opening_lines(document),
        table,
        Text(note, style="dim"),
        Text(),
        *layer_lines(document),
        *notes,
        verdict,
        Text(),
        *closing_lines(document),
    ]
