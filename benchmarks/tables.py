"""Tables and numbers as the page has them."""

from collections.abc import Iterable, Sequence

from benchmarks.results import Report
from benchmarks.spread import Spread


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def number_of(value: float) -> str:
    """Three significant digits, with thousands set apart."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:#.3g}".rstrip(".")


def ratio_of(spread: Spread) -> str:
    """A median with its range."""
    return f"{number_of(spread.median)} ({number_of(spread.low)} to {number_of(spread.high)})"


def measured_on(report: Report, loads: Sequence[float]) -> str:
    """Where and with what, since other sections may be of another day."""
    names = [name for name in ("keras", "jax") if name in report.machine]
    parts = [
        *([report.machine["processor"]] if "processor" in report.machine else []),
        f"{report.machine['cores']} cores",
        *(f"{name} {report.machine[name]}" for name in names),
        f"load average {min(loads):.1f} to {max(loads):.1f}",
    ]
    return f"Measured on {'; '.join(parts)}."
