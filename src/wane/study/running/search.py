"""The order in which a study's runs are trained: all at once, or the promising ones first."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wane.penalties import Candidate, Penalty, strength_of
from wane.stats import halving_rounds, mean_interval, still_racing
from wane.study.measures.thresholds import exact_or, is_thresholded
from wane.study.spec.selection import best_index

if TYPE_CHECKING:
    from wane.study.journal.journal import Journal
    from wane.study.running.session import Session
    from wane.training.batch import Run

STEPS = (0.25, 0.5)
"""How far on the way to the next strength, on a log scale, a refined one lies."""


def rounds_of(session: "Session", journal: "Journal") -> "Iterator[list[Run]]":
    """What to train next, given what has been trained, until the study is done.

    Everything that is decided is read from the journal, so that a resumed study comes to
    the same decisions.

    Args:
        session: the study; refining adds candidates to it.
        journal: its finished runs.
    """
    count = len(session.spec.candidates)
    yield from _trained(session, journal, range(count))
    if session.spec.refine:
        table = _losses(session, journal)
        table[_ineligible(session)] = np.nan
        new = refinements(session.spec.candidates, table, session.resampling.test_to_train_ratio)
        if new:
            session.extend(new, journal)
            yield from _trained(session, journal, range(count, count + len(new)))


def _ineligible(session: "Session") -> list[int]:
    """The indices of the candidates that nothing may choose."""
    return [session.spec.candidates.index(one) for one in session.spec.ineligible]


def _trained(session: "Session", journal: "Journal", own: range) -> "Iterator[list[Run]]":
    """The runs of these candidates, in rounds if the study halves."""
    total = session.resampling.repeats
    if not session.spec.halving:
        yield _runs(session, list(own), 0, total)
        return
    alive, done = list(own), 0
    for repeats in halving_rounds(total):
        yield _runs(session, alive, done, repeats)
        done = repeats
        table = _losses(session, journal)
        table[_ineligible(session)] = np.nan
        others = range(len(session.spec.candidates))
        finished = [i for i in others if i not in own and np.isfinite(table[i]).all()]
        # What nothing may choose is trained to the end, and nobody falls behind it.
        racing = [i for i in alive if i not in _ineligible(session)]
        going = still_racing(table[[*racing, *finished], :done], total)
        for index, goes_on in zip(racing, going, strict=False):
            if not goes_on and index and done < total:  # the baseline stays: all are beside it
                alive.remove(index)
                session.drop(index, done)


def _runs(session: "Session", candidates: Sequence[int], first: int, end: int) -> "list[Run]":
    """Repeats of candidates, repeat by repeat over all of them."""
    firsts = [session.run(candidate, 0) for candidate in candidates]
    return [
        dataclasses.replace(one, repeat=repeat) for repeat in range(first, end) for one in firsts
    ]


def _losses(session: "Session", journal: "Journal") -> np.ndarray:
    """What candidates are chosen by, lower being better, [candidates, repeats]; else NaN.

    A scorer's numbers come after all training, so that the data loss stands for them. Of a metric
    over thresholds it is the exact value.
    """
    shape = (len(session.spec.candidates), session.resampling.repeats)
    values, losses = np.full(shape, np.nan), np.full(shape, np.nan)
    column = f"validation_{session.criterion.name}"
    known = column in session.program.curve_names
    metric = session.bridge.metrics_by_name.get(session.criterion.name)
    for candidate, repeat, diverged, numbers in journal.runs():
        if diverged is None and candidate < len(values):
            values[candidate, repeat] = numbers.get(column, np.nan)
            if is_thresholded(metric):
                rows = session.splits.rows(repeat).validation
                outputs = journal.predictions(candidate, repeat, "validation")
                values[candidate, repeat] = exact_or(
                    values[candidate, repeat], session.bridge, metric, rows, outputs
                )
            losses[candidate, repeat] = numbers["validation_data_loss"]
    return session.criterion.losses(values) if known else losses


def refinements(
    candidates: Sequence[Candidate], losses: np.ndarray, test_to_train_ratio: float | None = None
) -> list[Candidate]:
    """Strengths around the best one, and around every other valley that is nearly as deep.

    Candidates of one penalty that differ in strength alone are a curve. A valley is a strength
    whose mean loss neither neighbour's is below; those within one standard error of the best of
    all are refined: at a quarter and a half of the way, on a log scale, to the next strength on
    either side, and as far beyond the end of a curve. Curves need not have one valley only
    (Yilmaz & Heckel 2022).

    Args:
        candidates: the candidates, the baseline first.
        losses: what is chosen by, lower being better, [candidates, repeats]; a candidate with NaN
            is no valley.
        test_to_train_ratio: of overlapping splits, else None; see :func:`wane.stats.mean_interval`.
    """
    best = best_index(losses, candidates)
    if best is None:
        return []
    means = losses.mean(axis=1)
    counted = mean_interval(losses[best], test_to_train_ratio=test_to_train_ratio)
    limit = means[best] + np.nan_to_num(counted.standard_error)
    new: list[Candidate] = []
    for curve in _curves(candidates):
        strengths = [strength_of(candidates[index]) for index in curve]
        known = list(strengths)
        for place, index in enumerate(curve):
            around = [means[other] for other in _around(curve, place)]
            valley = means[index] <= limit and all(not other < means[index] for other in around)
            if valley:
                for strength in _between(strengths, place):
                    if strength not in known:
                        known.append(strength)
                        new.append(_with_strength(candidates[index], strength))
    return new


def _around(curve: Sequence[int], place: int) -> list[int]:
    """A strength's neighbours on its curve, of which the baseline is the weakest."""
    left = curve[place - 1] if place else 0
    return [left, *curve[place + 1 : place + 2]]


def _curves(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Candidates that differ in strength alone, by rising strength."""
    found: dict[object, list[int]] = {}
    for index, candidate in enumerate(candidates):
        penalty = candidate[0] if len(candidate) == 1 else None
        if isinstance(penalty, Penalty) and not penalty.schedules and penalty.strength > 0:
            key = (penalty.form, penalty.layers, penalty.on, _shares(penalty))
            found.setdefault(key, []).append(index)
    return [sorted(own, key=lambda i: strength_of(candidates[i])) for own in found.values()]


def _shares(penalty: Penalty) -> tuple[float, ...]:
    """In what shares a penalty's strengths are mixed."""
    return tuple(round(s / penalty.strength, 6) for s in penalty.strengths_at())


def _between(strengths: Sequence[float], place: int) -> list[float]:
    """New strengths on both sides of one; ends of a curve extend as far as the other side."""
    own = strengths[place]
    ratios = [
        strengths[place + 1] / own if place + 1 < len(strengths) else None,
        own / strengths[place - 1] if place else None,
    ]
    up, down = (ratio or ratios[0] or ratios[1] or 10.0 for ratio in ratios)
    found = [own * up**step for step in STEPS] + [own / down**step for step in STEPS]
    return sorted(float(f"{strength:.3g}") for strength in found)


def _with_strength(candidate: Candidate, strength: float) -> Candidate:
    (penalty,) = candidate
    assert isinstance(penalty, Penalty)
    factor = strength / penalty.strength
    values = {
        name: float(f"{value * factor:.6g}")
        for name, value in zip(penalty.strength_fields, penalty.strengths_at(), strict=True)
    }
    return (dataclasses.replace(penalty, **values),)  # type: ignore[arg-type] # strengths are floats
