"""Studies as users call them: `Study`, its runs, comparisons and paths."""

from wane.study.evaluation.diagnosis import Diagnosis
from wane.study.evaluation.expected import Expected
from wane.study.importance import Importance, feature_importance
from wane.study.max_strength import max_strength
from wane.study.results.comparison import Comparison
from wane.study.results.path import PathResult
from wane.study.results.result import Result
from wane.study.spec.methods import targets
from wane.study.spec.spec import StudySpec
from wane.study.study import Study
from wane.study.verdicts.verdict import Verdict

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
    "max_strength",
    "targets",
]
