"""Which candidates of a search are a curve, which a figure of strengths can show."""

import pandas as pd

from wane.penalties import BASELINE_NAME
from wane.study.evaluation.compared.methods import MethodsSummary
from wane.study.spec.spaces.search import ONE
from wane.study.spec.spec import StudySpec


def curve_of(
    spec: StudySpec, compared: MethodsSummary | None, chosen: str, summary: pd.DataFrame
) -> tuple[pd.DataFrame, str]:
    """The candidates that a figure of strengths shows, and the one that is marked.

    Of a search these are the candidates of one strength for all layers that have all repeats, which
    are a curve, and the best of them; else all, and the chosen one.

    Args:
        spec: the study.
        compared: its methods, if it has some.
        chosen: the chosen candidate.
        summary: of all candidates.
    """
    if spec.search is None or compared is None or ONE not in spec.search.spaces:
        return summary, chosen
    names = dict(zip(spec.candidates, spec.names, strict=True))
    own = [BASELINE_NAME, *(names[one] for one in spec.methods[ONE])]
    (best,) = (row.chosen for row in compared.methods if row.method == ONE)
    # What fell behind has other splits than the rest, and would make the curve go up and down.
    whole = summary["runs"] == summary["runs"].max()
    return summary[whole & summary["candidate"].isin(own)], best or BASELINE_NAME
