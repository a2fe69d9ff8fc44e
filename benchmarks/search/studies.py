"""One search of a problem whose truth is known, as a user would run it, in this process."""

import dataclasses
import time
from typing import Any

from benchmarks.search.problems import PROBLEMS, STRENGTHS, Known

REPEATS = 20
"""Each with new rows: those of the tables of docs/guide.md that show a search."""
TEST_ROWS = 2000
FIRST_TEST_SEED = 1_000_000
"""Seeds of test rows; of drawn rows, which follow from the study's, none is likely to be there."""

LAYERS, ONE, UNDECIDED = "layers", "one", "undecided"


@dataclasses.dataclass(frozen=True)
class Found:
    """What one study found.

    Attributes:
        problem, sampler, seed: which study.
        each: the strength of each layer of the best candidate by layer, 0 for none.
        one: the best single strength, 0 for none.
        said: whether the verdict wants a strength for each layer, recommends one strength, or
            cannot tell.
        runs, seconds: how many networks it trained, and how long it took without imports.
    """

    problem: str
    sampler: str
    seed: int
    each: tuple[float, ...]
    one: float
    said: str
    runs: int
    seconds: float


def found(problem: str, sampler: str, seed: int, *, quick: bool = False) -> Found:
    """Search a problem, by one thread, with one of the samplers.

    Args:
        problem: of :data:`PROBLEMS`.
        sampler: of those that a search may ask.
        seed: of the study, its rows and its test rows.
        quick: tiny sizes, to see that it works.
    """
    import wane
    from wane.study.search import samplers

    known = PROBLEMS[problem]
    before, samplers.SAMPLER = samplers.SAMPLER, sampler
    began = time.perf_counter()
    try:
        study = study_of(known, seed, quick=quick)
        result = study.tune(
            strengths=STRENGTHS,
            trials=4 if quick else None,
            progress=False,
            execution=wane.Execution("threads", threads=1),
        )
    finally:
        samplers.SAMPLER = before
    document = result.document
    (one,) = (row for row in document["methods"] if row["method"] == "one strength")
    best = {own["layers"]: own["best"] for own in document["search"]["ranges"]}
    return Found(
        problem=problem,
        sampler=sampler,
        seed=seed,
        each=tuple(best[layer] for layer in known.layers),
        one=_strength(result.result.spec, one["chosen"]),
        said=_said(document),
        runs=len(result.result.runs),
        seconds=time.perf_counter() - began,
    )


def study_of(known: Known, seed: int, *, quick: bool = False, **others: Any) -> Any:
    """The study of a problem, without candidates."""
    import wane

    given = {
        "repeats": 4 if quick else REPEATS,
        "validation": wane.Fresh(known.draw, train=known.train, validation=known.validation),
        "test": known.draw(TEST_ROWS, FIRST_TEST_SEED + seed),
        **others,
    }
    return wane.Study(
        known.network(),
        epochs=5 if quick else known.epochs,
        seed=seed,
        learning_curve=False,
        extend=False,
        references=False,
        **given,
    )


def _strength(spec: Any, chosen: str) -> float:
    """The strength of a candidate of one penalty."""
    from wane.penalties import strength_of

    return float(strength_of(spec.candidates[spec.names.index(chosen)]))


def _said(document: dict[str, Any]) -> str:
    """What the verdict recommends, by the numbers from which it is made."""
    (pair,) = (
        one
        for one in document["pairs"]
        if {one["method"], one["other"]} == {"one strength", "by layer"}
    )
    first = pair["method"] == "one strength"
    better = {"better": ONE, "worse": LAYERS} if first else {"better": LAYERS, "worse": ONE}
    if pair["conclusion"] in better:
        matters = abs(pair["difference"]) >= document["search"]["matters"]
        return better[pair["conclusion"]] if matters else ONE
    return ONE if pair["conclusion"] == "no difference detected" else UNDECIDED
