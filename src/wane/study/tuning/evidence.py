"""The evidence of the training rows beside a search, where it is asked for."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wane.study.laplace.layers import LayerEvidence, layer_evidence
from wane.study.measures.finished import FinishedRuns
from wane.study.results.document import choice
from wane.study.spec.selection import best_index
from wane.study.spec.spaces.search import ONE


def asks_for_evidence(finished: FinishedRuns) -> bool:
    """Whether the training rows alone are asked beside a search."""
    search = finished.spec.search
    return search is not None and search.evidence and ONE in search.spaces


def evidence_beside(
    finished: FinishedRuns, runs: pd.DataFrame
) -> tuple[LayerEvidence | None, Sequence[str]]:
    """What the training rows alone say of the strengths of a search; or a note why they do not.

    It is sought from the weights of the best single strength on.

    Args:
        finished: the runs of the search.
        runs: their table.
    """
    search, begin = finished.spec.search, single_strength(finished, runs)
    if search is None or begin is None:  # where all have diverged, more is said elsewhere
        return None, ()
    ranges = next(own for name, own in search.spaces.items() if name != ONE)
    found = layer_evidence(finished, begin, ranges)
    if isinstance(found, LayerEvidence):
        return found, ()
    return None, (f"No evidence of the training rows stands beside the search, since {found}.",)


def single_strength(finished: FinishedRuns, runs: pd.DataFrame) -> int | None:
    """The best candidate of a search with one strength for all layers, by its index.

    Args:
        finished: the runs of the search.
        runs: their table.
    """
    spec, (criterion, _) = finished.spec, choice(finished, runs)
    columns = runs.set_index(["candidate", "repeat"])
    names = list(spec.names)
    values = columns[f"validation_{criterion.name}"].unstack().loc[names].to_numpy(np.float64)
    trained = columns["validation_data_loss"].unstack().loc[names].to_numpy(np.float64)
    losses = np.where(np.isfinite(trained), criterion.losses(values), np.nan)
    own = [spec.candidates.index(one) for one in spec.methods.get(ONE, ())]
    whole = [index for index in own if np.all(np.isfinite(losses[index]))]
    best = best_index(losses[whole], [spec.candidates[i] for i in whole]) if whole else None
    return None if best is None else whole[best]
