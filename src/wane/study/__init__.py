"""Studies: what is judged, the training of all runs, and the result."""

from wane.study.compare import Comparison
from wane.study.importance import Importance, feature_importance
from wane.study.kinds import placements
from wane.study.path import PathResult
from wane.study.result import Interrupted, Result
from wane.study.sampling import Fresh, Subsample
from wane.study.spec import Study
from wane.study.upper_ends import upper_end

__all__ = [
    "Comparison",
    "Fresh",
    "Importance",
    "Interrupted",
    "PathResult",
    "Result",
    "Study",
    "Subsample",
    "feature_importance",
    "placements",
    "upper_end",
]
