"""Which method of regularization is best, each tuned alike and evaluated by other numbers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wane.study.results.comparison import Comparison
from wane.study.run import run_study
from wane.study.running.session import Session
from wane.study.spec.looks import check_one_look
from wane.study.spec.methods import Method, stops_early
from wane.study.spec.spec import StudySpec
from wane.training.execution import Execution


def compare_methods(
    spec: StudySpec,
    methods: Sequence[Method],
    folder: str | Path | None,
    *,
    progress: bool,
    execution: Execution | None = None,
    recipe: Mapping[str, Any] | None = None,
    seconds_before: Mapping[str, float] | None = None,
    ready: Session | None = None,
    ray: str | None = None,
) -> Comparison:
    """Train every setting of every method and compare them; see :meth:`wane.Study.compare`.

    Args:
        spec: the study, whose candidates are not used.
        methods: the methods, the one without regularization first.
        folder, progress, execution, recipe, seconds_before, ready, ray: as for :func:`run_study`.
    """
    check_one_look(spec, "A comparison")
    candidates = [candidate for method in methods for candidate in method.candidates]
    several = spec.with_candidates(
        candidates,
        methods={method.name: method.candidates for method in methods},
        # The rows that would choose these have chosen the epochs at which they stop.
        ineligible=[candidate for candidate in candidates if stops_early(candidate)],
    )
    result = run_study(
        several,
        folder,
        progress=progress,
        execution=execution,
        recipe=recipe,
        seconds_before=seconds_before,
        ready=ready,
        ray=ray,
    )
    return Comparison(result)
