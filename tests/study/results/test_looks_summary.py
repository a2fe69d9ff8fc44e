"""What a look at a study comes to, from evidence whose truth is known."""

import numpy as np
import pytest

from evidence_cases import evidence, noisy, rows_about
from wane.resampling.splits import Resampling, Split
from wane.study.results.looks import look_summary


def test_against_a_diverged_baseline_there_is_no_evidence_of_an_improvement() -> None:
    splits = tuple(Split(np.arange(20), np.arange(20, 30)) for _ in range(10))
    resampling, losses = Resampling("fresh", splits, 10), noisy([0.5, 0.4, 0.45])
    look = look_summary(evidence(losses, losses, resampling=resampling), helps=True)
    assert look.anytime is not None and look.anytime.p < 0.05
    losses[0, 3] = np.nan
    look = look_summary(evidence(losses, losses, resampling=resampling), helps=False)
    assert (look.chosen, look.anytime) == ("L2(0.001)", None)


@pytest.mark.parametrize(("deviation", "suffice"), [(1.0, True), (0.01, False)])
def test_on_one_split_repeats_suffice_where_rows_differ_more(
    deviation: float, suffice: bool
) -> None:
    losses = noisy([0.5, 0.4])
    rows = {"data_loss": rows_about(losses, deviation)}
    given = evidence(losses, losses, validation_rows=rows)
    assert look_summary(given, helps=False).repeats_suffice is suffice
    unknown = evidence(losses, losses, validation_rows={})
    assert not look_summary(unknown, helps=False).repeats_suffice
