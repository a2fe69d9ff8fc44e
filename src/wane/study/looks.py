"""When a study in training is looked at, and when it has been trained enough."""

import time
from collections.abc import Callable
from pathlib import Path

from wane._errors import InputError
from wane.stats.sequential import enough_repeats, looks_at
from wane.study.journal.journal import Journal
from wane.study.journal.serializer import from_dict, to_dict
from wane.study.results.schema import LookSummary
from wane.study.running.session import Session
from wane.study.running.train import train_all
from wane.study.spec.looks import Look, level_of

Glance = Callable[[Look, tuple[LookSummary, ...]], LookSummary]
"""Evaluates what has been trained so far, at a look and after others."""


class Looks:
    """The looks at a study, which its journal holds.

    Args:
        session: the study.
        journal: its journal.
        place: its folder, None where it goes with the result.

    Attributes:
        stopped: why training has ended before the planned repeats, in a sentence; "" where it has
            not.
    """

    def __init__(self, session: Session, journal: Journal, place: Path | None) -> None:
        self._session = session
        self._journal = journal
        self._place = place
        self.stopped = ""

    def train(self, progress: bool, glance: Glance) -> None:
        """Train as long as the study wants, which then takes the repeats that were trained.

        Raises:
            InputError: if the time is too short for a single repeat.
        """
        spec = self._session.spec
        if spec.minutes is not None:
            self._train_for(60 * spec.minutes, progress)
        elif spec.until_decided:
            self._train_until_decided(progress, glance)
        else:
            train_all(self._session, self._journal, progress)

    def now(self) -> tuple[Look, tuple[LookSummary, ...]]:
        """The look at what has been trained, and those before it.

        The same repeats, evaluated again, are the same look.
        """
        earlier = self._earlier()
        spec = self._session.spec
        grows = not (spec.methods or spec.refine or spec.halving)
        if earlier and earlier[-1].repeats == self._session.resampling.repeats:
            *others, last = earlier
            level = last.level
        else:
            others, planned = list(earlier), spec.until_decided
            if earlier:
                planned = earlier[0].level < level_of(1, planned=False)
            level = level_of(len(others) + 1, planned=planned)
        spent = level + sum(one.level for one in others)
        look = Look(len(others) + 1, level, spent, self.stopped, grows)
        return look, tuple(others)

    def record(self, summary: LookSummary) -> None:
        """Write a look into the journal."""
        self._journal.add_look(summary.number, to_dict(summary))

    def _earlier(self) -> tuple[LookSummary, ...]:
        return tuple(from_dict(one, LookSummary) for one in self._journal.looks())

    def _train_until_decided(self, progress: bool, glance: Glance) -> None:
        """Train from look to look until one decides, or there are no more repeats."""
        session, whole = self._session, self._session.whole
        ratio = whole.test_to_train_ratio
        enough = None if ratio is None else enough_repeats(ratio)
        begun = self._journal.begun()
        looked = max((one.repeats for one in self._earlier()), default=0)
        planned = looks_at(whole.repeats, multiple=whole.multiple, enough=enough)
        ahead = [repeats for repeats in planned if repeats >= begun and repeats > looked]
        for repeats in ahead or [max(begun, looked)]:
            session.take(repeats)
            number = len(self._earlier()) + (repeats > looked)
            train_all(session, self._journal, progress, label=f"look {number}, {repeats} repeats")
            summary = glance(*self.now())
            self.record(summary)
            self.stopped = _decision(summary, overlap=ratio is not None)
            if self.stopped:
                return
        self.stopped = (
            f"Training ended at {session.resampling.repeats} repeats, the most that were allowed, "
            f"and at no look did a candidate help."
        )

    def _train_for(self, seconds: float, progress: bool) -> None:
        """Train whole repeats over all candidates, until the time is over.

        What ends it is the time alone, and nothing is left out for what it came to, so that one
        test at the end has its full level. Repeats are trained in parts of half of what fits, so
        that the last parts are short and the time is kept.
        """
        journal, whole = self._journal, self._session.whole
        unit, label = whole.multiple, f"{seconds / 60:g} minutes in all"
        complete = self._complete_repeats()
        done = max(journal.begun(), unit)
        deadline = self._deadline(seconds) if not complete else None
        pace = self._train_to(done, complete, progress, label, deadline)
        while done < whole.repeats:
            fit = int((seconds - journal.seconds()) / max(pace, 1e-9))
            if fit < unit:
                plural = "s" if done > 1 else ""
                self.stopped = (
                    f"Training ended at {done} repeat{plural}, when the {seconds / 60:g} minutes "
                    f"were over."
                )
                return
            before, part = done, max(fit // 2 // unit, 1) * unit
            done = min(done + part, whole.repeats)
            pace = self._train_to(done, before, progress, label)

    def _train_to(
        self,
        repeats: int,
        complete: int,
        progress: bool,
        label: str,
        tick: Callable[[float], None] | None = None,
    ) -> float:
        """Train up to so many repeats; returns the seconds that one of them takes."""
        session, before = self._session, self._journal.seconds()
        session.take(repeats)
        compiled = session.workers.compile_seconds
        train_all(session, self._journal, progress, label=label, tick=tick or (lambda _: None))
        if repeats == complete:
            return before / repeats
        spent = self._journal.seconds() - before - (session.workers.compile_seconds - compiled)
        return max(spent, 0.0) / (repeats - complete)

    def _complete_repeats(self) -> int:
        """How many repeats every candidate has finished."""
        finished = self._journal.finished()
        count, every = 0, range(len(self._session.spec.names))
        while all((candidate, count) in finished for candidate in every):
            count += 1
        return count

    def _deadline(self, seconds: float) -> Callable[[float], None]:
        """What ends the first repeat when the time is over, given the share that is done."""
        began, before = time.perf_counter(), self._journal.seconds()

        def check(share: float) -> None:
            spent = before + time.perf_counter() - began
            if spent <= seconds or not 0 < share < 1:  # without an epoch there is no pace
                return
            compiled = self._session.workers.compile_seconds
            whole = compiled + (spent - compiled) / share
            kept = ""
            if self._place is not None:
                kept = f"; what was trained is kept in {str(self._place)!r}"
            count = len(self._session.spec.names)
            raise InputError(
                f"minutes={seconds / 60:.3g} is shorter than one repeat of the {count} candidates, "
                f"which takes about {_shown(whole)}{kept}: give at least {whole / 60:.2g} minutes."
            )

        return check


def _shown(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} minutes"


def _decision(summary: LookSummary, *, overlap: bool) -> str:
    """Why a look ends training, in a sentence; "" where it does not."""
    at = f"Training ended at {summary.repeats} repeats"
    if summary.helps:  # at this look: retraining, which follows the last one, may tell less
        return f"{at}, as {summary.chosen} was better beyond chance."
    if summary.repeats_suffice and overlap:
        return (
            f"{at}, as more of them over splits of the same rows can hardly tell more: what is "
            f"undecided takes more rows."
        )
    if summary.repeats_suffice:
        return (
            f"{at}, as the validation rows of the one split now limit what can be told, and not "
            f"the seeds: what is undecided takes more rows."
        )
    return ""
