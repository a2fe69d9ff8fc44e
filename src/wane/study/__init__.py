"""Studies as users call them: `Study`, its runs, comparisons and paths.

The names load when they are first needed: what reads a folder alone needs neither JAX nor Keras.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.study.evaluation.diagnosis import Diagnosis
    from wane.study.evaluation.expected import Expected
    from wane.study.importance import Importance, feature_importance
    from wane.study.load import load_study
    from wane.study.report import write_report
    from wane.study.results.comparison import Comparison
    from wane.study.results.path import PathResult
    from wane.study.results.result import Result
    from wane.study.spec.methods import targets
    from wane.study.spec.spec import StudySpec
    from wane.study.study import Study
    from wane.study.verdicts.verdict import Verdict

_HOMES = {
    "Comparison": "wane.study.results.comparison",
    "Diagnosis": "wane.study.evaluation.diagnosis",
    "Expected": "wane.study.evaluation.expected",
    "Importance": "wane.study.importance",
    "PathResult": "wane.study.results.path",
    "Result": "wane.study.results.result",
    "Study": "wane.study.study",
    "StudySpec": "wane.study.spec.spec",
    "Verdict": "wane.study.verdicts.verdict",
    "feature_importance": "wane.study.importance",
    "load_study": "wane.study.load",
    "targets": "wane.study.spec.methods",
    "write_report": "wane.study.report",
}
"""The modules that the names come from."""

__all__ = [
    "Comparison",
    "Diagnosis",
    "Expected",
    "Importance",
    "PathResult",
    "Result",
    "Study",
    "StudySpec",
    "Verdict",
    "feature_importance",
    "load_study",
    "targets",
    "write_report",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'wane.study' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
