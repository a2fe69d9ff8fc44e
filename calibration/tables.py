"""Tables in Markdown, in which what lies outside an aim is bold."""

from collections.abc import Sequence

from calibration.shares import Readings, Share

COVERAGE = 0.92
"""The least share of intervals that shall hold the truth."""
FALSE_HELP = 0.05
"""The largest share of studies that shall say "helps" where nothing is gained."""
BEYOND = 2
"""Standard errors by which a share is outside an aim significantly."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with a row of names above."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def share(found: Share | None, *, least: float = 0.0, most: float = 1.0) -> str:
    """A share in percent, its standard error and the number of studies.

    Args:
        found: the share; None for "–".
        least, most: the aim. What misses it by more than two standard errors is bold.
    """
    if found is None:
        return "–"
    text = f"{100 * found.share:.1f} % ± {100 * found.error:.1f} ({found.studies})"
    low, high = (found.share + way * BEYOND * found.error for way in (1, -1))
    return f"**{text}**" if low < least or high > most else text


READINGS = (
    "rows",
    "repeats",
    "true gain, mean",
    "interval holds it",
    "false “helps”",
    "“helps” where it gains",
    "wane 0.1: interval holds it",
    "false “helps”",
    "“helps” where it gains",
)
"""The columns of :func:`cells`."""


def cells(found: Readings) -> list[str]:
    """What was said now and before, beside each other."""
    own = [found.rows, str(found.repeats), f"{found.gain:+.3f}"]
    for one in (found.now, found.before):
        own += [
            share(one.coverage, least=COVERAGE),
            share(one.false_help, most=FALSE_HELP),
            share(one.power),
        ]
    return own
