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
        # All candidates race, lest many of them take as long as they would without end.
        halving=spec.repeats is not None and spec.repeats >= LEAST_REPEATS,
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
