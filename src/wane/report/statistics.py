"""Comparisons with the baseline, and what to expect on new rows, as rows of text."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from wane._language import gettext
from wane.report.numbers import NOTHING, interval, number
from wane.report.wording import metric_label, printable

Document = Mapping[str, Any]

ROUNDING = 1e-5
"""The share of its interval's ends below which a difference is rounding."""


@dataclasses.dataclass(frozen=True)
class ComparisonTable:
    """Differences to the baseline in one metric.

    Attributes:
        metric: its label.
        rows: candidate, difference, 95 % interval, Holm-adjusted p.
    """

    metric: str
    rows: tuple[tuple[str, str, str, str], ...]


def comparison_tables(document: Document) -> list[ComparisonTable]:
    """A table for what is chosen by, the metric for people and the data loss.

    Every other metric is in ``summary.json`` alone.
    """
    study = document["study"]
    metrics = dict.fromkeys((study.get("select_by", "data_loss"), study["metric"], "data_loss"))
    tables = []
    for metric in metrics:
        rows = [
            (
                printable(row["candidate"]),
                _difference(row),
                interval(row["low"], row["high"]),
                p_value(row["p_holm"]),
            )
            for row in document.get("comparisons", [])
            if row["metric"] == metric
        ]
        if rows:
            tables.append(ComparisonTable(metric_label(metric), tuple(rows)))
    return tables


def _difference(row: Mapping[str, Any]) -> str:
    """A difference, as 0 where it is but what single precision leaves of runs that cancel out."""
    ends = [abs(end) for end in (row["low"], row["high"]) if end is not None]
    cancelled = bool(ends) and abs(row["difference"]) < ROUNDING * max(ends)
    return number(0.0 if cancelled else row["difference"])


def p_value(p: float | None) -> str:
    """A p-value with three decimals; ``< 0.001`` for what is smaller."""
    if p is None or not math.isfinite(p):
        return NOTHING
    return "< 0.001" if p < 0.0005 else f"{p:.3f}"


def expectation_source(document: Document) -> str:
    """Where the estimate of performance on new rows comes from; empty if there is none."""
    expected = document["verdict"].get("expected") or {}
    sources = {
        "test": gettext("{rows} test rows that played no part in the choice"),
        "bootstrap": gettext(
            "a bootstrap of the {rows} validation rows that allows for the choice"
        ),
    }
    rows = expected.get("rows") or 0
    return sources.get(expected.get("source") or "", "").format(rows=f"{rows:,}")


def expectation_rows(document: Document) -> list[tuple[str, str, str, str, str]]:
    """Metric, estimate on new rows, its interval, the naive mean and the selection optimism.

    The metric for people comes first and the data loss last, as in the summary.
    """
    expected = document["verdict"].get("expected") or {}
    metrics = dict(expected.get("metrics") or {})
    first = document["study"]["metric"]
    order = sorted(metrics, key=lambda name: (name == "data_loss", name != first))
    return [
        (
            metric_label(name),
            number(metrics[name]["value"]),
            interval(metrics[name]["low"], metrics[name]["high"]),
            number(metrics[name]["naive"]),
            number(metrics[name]["optimism"]),
        )
        for name in order
    ]
