"""A study's runs under the keys that scikit-learn's searches have."""

from typing import Any

import numpy as np

from wane.penalties import Candidate, strength_of
from wane.study import Result

_PART = "validation_"


def chosen_of(result: Result) -> Candidate:
    """The candidate that the study chose; empty for the baseline."""
    return result.spec.candidates[result.spec.names.index(result.chosen)]


def penalty_of(candidate: Candidate) -> Any:
    """A candidate as people write it: None, one change, or a tuple of several."""
    if len(candidate) > 1:
        return candidate
    return candidate[0] if candidate else None


def cv_results(result: Result) -> dict[str, Any]:
    """The study's candidates as ``GridSearchCV.cv_results_`` has them, the baseline first.

    ``test`` in these keys means a repeat's validation rows, as scikit-learn has it. A score is
    better where it is higher: what the study chooses by, negated where lower is better, such as the
    data loss. Further metrics are there under their own names, as they are.

    Args:
        result: the finished study.

    Returns:
        ``params``, ``param_penalty``, ``param_strength``, ``split0_test_score``, …,
        ``mean_test_score``, ``std_test_score`` (ddof 0), ``rank_test_score``, and for each metric
        ``split0_test_<metric>``, …, ``mean_test_<metric>``, ``std_test_<metric>``, all
        [candidates]. A run that diverged has NaN, and its candidate the last rank.
    """
    candidates = result.spec.candidates
    several = [
        {"penalty": penalty_of(candidate), "strength": strength_of(candidate)}
        for candidate in candidates
    ]
    table: dict[str, Any] = {f"param_{name}": _values(several, name) for name in several[0]}
    table["params"] = several
    criterion = result._finished.criterion
    scores = -criterion.losses(_numbers(result, criterion.name))
    table |= _columns(scores, "score")
    table["rank_test_score"] = _ranks(table["mean_test_score"])
    for column in result.runs.columns:
        name = column.removeprefix(_PART)
        if name not in (column, criterion.name):
            table |= _columns(_numbers(result, name), name)
    return table


def _values(several: list[dict[str, Any]], name: str) -> Any:
    """One parameter of all candidates, as a masked array without a mask."""
    values = np.empty(len(several), object if name == "penalty" else float)
    for place, one in enumerate(several):
        values[place] = one[name]
    return np.ma.MaskedArray(values, mask=False)


def _numbers(result: Result, name: str) -> np.ndarray:
    """A number of validation rows of every run, [candidates, repeats]."""
    wide = result.runs.pivot(index="candidate", columns="repeat", values=f"{_PART}{name}")
    return np.asarray(wide.reindex(list(result.spec.names)), np.float64)


def _columns(values: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """A number by splits, with its mean and standard deviation."""
    found = {f"split{place}_test_{name}": own for place, own in enumerate(values.T)}
    found[f"mean_test_{name}"] = values.mean(axis=1)
    found[f"std_test_{name}"] = values.std(axis=1)
    return found


def _ranks(means: np.ndarray) -> np.ndarray:
    """1 for the highest mean; equals share the lowest rank, and what is not known comes last."""
    from scipy.stats import rankdata

    known = np.where(np.isnan(means), -np.inf, means)
    return np.asarray(rankdata(-known, method="min"), np.int32)
