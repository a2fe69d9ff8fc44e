"""A strength for each layer, found by a search, beside one strength for all."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wane.stats.racing import LEAST_REPEATS
from wane.study.results.comparison import Comparison
from wane.study.run import run_study
from wane.study.running.session import Session
from wane.study.spec.looks import check_one_look
from wane.study.spec.selection import LEAST_TEST_ROWS
from wane.study.spec.spaces.search import Search, initial
from wane.study.spec.spec import StudySpec
from wane.training.execution import Execution


def tune_spaces(
    spec: StudySpec,
    search: Search,
    folder: str | Path | None,
    *,
    progress: bool,
    execution: Execution | None = None,
    recipe: Mapping[str, Any] | None = None,
    seconds_before: Mapping[str, float] | None = None,
    ready: Session | None = None,
    ray: str | None = None,
) -> Comparison:
    """Search the spaces and compare what was found; see :meth:`wane.Study.tune`.

    Args:
        spec: the study, whose candidates are not used.
        search: the spaces.
        folder, progress, execution, recipe, seconds_before, ready, ray: as for :func:`run_study`.
    """
    check_one_look(spec, "A search")
    searched = dataclasses.replace(
        spec.with_candidates((), methods=initial(search)),
        search=search,
        halving=_may_race(spec),
    )
    result = run_study(
        searched,
        folder,
        progress=progress,
        execution=execution,
        recipe=recipe,
        seconds_before=seconds_before,
        ready=ready,
        ray=ray,
    )
    return Comparison(result)


def _may_race(spec: StudySpec) -> bool:
    """Whether candidates that fall behind may be dropped, for the time that all would take.

    Where validation rows alone evaluate, a bootstrap takes off the luck of the choice, and has to
    know of all that was chosen from.
    """
    test = spec.data.test
    judged = test is not None and test.units >= LEAST_TEST_ROWS
    return judged and spec.repeats is not None and spec.repeats >= LEAST_REPEATS
