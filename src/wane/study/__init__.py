"""Studies: what is judged, the training of all runs, and the result."""

from wane.study.result import Interrupted, Result
from wane.study.spec import Study

__all__ = ["Interrupted", "Result", "Study"]
