"""How many times faster than others wane is meant to be."""

import dataclasses

from benchmarks.results import Reading, Report


@dataclasses.dataclass(frozen=True)
class Target:
    """At least so many times faster than a competitor in a case."""

    case: str
    competitor: str
    least: float


TARGETS = (
    Target("case-study", "fit-jax", 60),
    Target("case-study-unvalidated", "fit-jax", 60),
    Target("case-study", "scikit-learn", 10),
    Target("case-study-unvalidated", "scikit-learn", 10),
    Target("cnn", "fit-jax", 2),
    Target("mlp", "fit-jax", 2.5),
    Target("normalized", "fit-jax", 6),
    Target("lstm", "fit-jax", 2),
)


def reading_of(report: Report, case: str, competitor: str) -> Reading | None:
    """What this competitor showed in this case, if it was measured."""
    for comparison in report.comparisons:
        if comparison.case == case:
            for reading in comparison.readings:
                if reading.competitor == competitor:
                    return reading
    return None
