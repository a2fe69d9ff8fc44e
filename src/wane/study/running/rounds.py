"""The order in which a study's runs are trained: all at once, or the promising ones first."""

import dataclasses
import itertools
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wane.penalties import Candidate, patience_of
from wane.stats import halving_rounds, still_racing
from wane.study.journal.names import EXTENDED, GIVEN, REFINED
from wane.study.measures.constants import constant_losses
from wane.study.measures.thresholds import exact_or, is_thresholded
from wane.study.search.extending import early_stopping, further_strengths, no_better
from wane.study.search.refining import refinements
from wane.study.search.sampling import proposals
from wane.study.spec.spaces.search import round_of, step_of

if TYPE_CHECKING:
    from wane.study.journal.journal import Journal
    from wane.study.running.session import Session
    from wane.training.batch import Run

_log = logging.getLogger(__name__)


def rounds_of(session: "Session", journal: "Journal") -> "Iterator[list[Run]]":
    """What to train next, given what has been trained, until the study is done.

    Candidates that the study adds by itself, or is given later, are written into the journal when
    that is decided, so that a study that is resumed, or given more repeats, has the same ones.

    Args:
        session: the study; extending and refining add candidates to it.
        journal: its finished runs.
    """
    yield from _trained(session, journal, range(session.spec.given_count))
    for number in itertools.count():
        if number == len(session.added) and not _has_more(session, journal):
            return
        yield from _trained(session, journal, session.added[number])


def _has_more(session: "Session", journal: "Journal") -> bool:
    """Whether there were further candidates, which the session then has."""
    number, recorded = len(session.added), journal.additions()
    taken = session.steps.count(GIVEN)
    if number < len(recorded):
        step, new = recorded[number]
    elif taken < len(session.later):
        step, new = GIVEN, list(session.later[taken])
        journal.add_addition(number, step, new)
    else:
        step, new = _further(session, journal)
        if not new:
            return False
        journal.add_addition(number, step, new)
    session.extend(new, journal, step)
    names = [session.spec.names[index] for index in session.added[-1]]
    _log.info("candidates %s: %s", step, ", ".join(names))
    return True


def _further(session: "Session", journal: "Journal") -> tuple[str, list[Candidate]]:
    """What is worth training now, and whether that is to extend or to refine."""
    spec, ratio = session.spec, session.resampling.test_to_train_ratio
    if spec.search is not None:
        return _searched(session, journal)
    if REFINED in session.steps:
        return REFINED, []
    table = _losses(session, journal)
    table[_ineligible(session)] = np.nan
    new: list[Candidate] = []
    # A study of so many minutes chooses nothing before the last repeat that fits.
    if spec.extend and spec.minutes is None:
        idle = _idle(session, journal)
        # Of early stopping the loss looks too low: it would hide that strengths are too weak.
        table[[i for i, one in enumerate(spec.candidates) if patience_of(one) is not None]] = np.nan
        new = further_strengths(spec.candidates, table, session.spec.given_count, idle, ratio)
        new += _stopping(session, journal)
    if new:
        return EXTENDED, new
    return REFINED, refinements(spec.candidates, table, ratio) if spec.refine else []


def _searched(session: "Session", journal: "Journal") -> tuple[str, list[Candidate]]:
    """What the samplers of a search want next: a round of one method, and then of the other."""
    spec = session.spec
    assert spec.search is not None
    table = _losses(session, journal)
    for candidate, _, diverged, _ in journal.runs():
        if diverged is not None and candidate < len(table):
            table[candidate] = np.nan  # whatever its other runs came to
    rounds = [found for found in map(round_of, session.steps) if found is not None]
    methods = list(spec.search.spaces)
    for number in range(rounds[-1][0] + 1 if rounds else 0, spec.search.rounds * len(methods)):
        round_, place = divmod(number, len(methods))
        new = proposals(
            spec.search, spec.methods, methods[place], round_, spec.candidates, table, spec.seed
        )
        if new:
            return step_of(number, methods[place]), new
    return "", []


def _idle(session: "Session", journal: "Journal") -> list[int]:
    """The candidates that are as good as a constant prediction of the training rows."""
    constant, perfect = constant_losses(session.bridge.task, session.splits.rows(0))
    if constant is None:
        return []
    losses = np.zeros(len(session.spec.candidates))
    for candidate, _, diverged, numbers in journal.runs():
        if diverged is None and candidate < len(losses):
            losses[candidate] += numbers["train_data_loss"] / session.resampling.repeats
    return [index for index, loss in enumerate(losses) if no_better(loss, constant, perfect)]


def _stopping(session: "Session", journal: "Journal") -> list[Candidate]:
    """Early stopping as a candidate, where the baseline was best long before its end."""
    spec = session.spec
    if spec.callbacks or any(patience_of(one) is not None for one in spec.candidates):
        return []
    column = session.program.curve_names.index("validation_data_loss")
    own = [curve[:, column] for _, _, curve in journal.curves(0)]
    if len({len(curve) for curve in own}) != 1:  # some run diverged
        return []
    found = early_stopping(np.array(own), spec.epochs)
    return [] if found is None else [(found,)]


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
        others = _beside(session, own)
        finished = [i for i in others if i not in own and np.isfinite(table[i]).all()]
        # What nothing may choose is trained to the end, and nobody falls behind it.
        racing = [i for i in alive if i not in _ineligible(session)]
        going = still_racing(table[[*racing, *finished], :done], total)
        for index, goes_on in zip(racing, going, strict=False):
            if not goes_on and index and done < total:  # the baseline stays: all are beside it
                alive.remove(index)
                session.drop(index, done)
                _log.info("halving drops %s after %d repeats", session.spec.names[index], done)


def _beside(session: "Session", own: range) -> Sequence[int]:
    """The candidates that others race with: in a search those of their method, and the baseline.

    Else the better method would end the other one before it has found anything.
    """
    spec = session.spec
    methods = [ones for ones in spec.methods.values() if spec.candidates[own[-1]] in ones]
    if spec.search is None or not methods:
        return range(len(spec.candidates))
    return [i for i, one in enumerate(spec.candidates) if i == 0 or one in methods[0]]


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
