"""When a study in training is looked at, and when it has been trained enough."""

import functools
import logging
import time
from collections.abc import Callable
from pathlib import Path

from wane._errors import InputError
from wane._language import ENGLISH, gettext, speaking
from wane.report.display.progress import tell
from wane.stats.sequential import enough_repeats, looks_at
from wane.study.journal.journal import Journal
from wane.study.journal.serializer import from_dict, to_dict
from wane.study.results.schema import LookSummary
from wane.study.running.session import Session
from wane.study.running.train import train_all
from wane.study.spec.looks import Ended, Look, level_of
from wane.study.verdicts.scope import why_ended

_log = logging.getLogger(__name__)

FAR_OFF = 0.25
"""How far another expectation of how many repeats fit is off from the one that was told last."""

Glance = Callable[[Look, tuple[LookSummary, ...]], LookSummary]
"""Evaluates what has been trained so far, at a look and after others."""


class Looks:
    """The looks at a study, which its journal holds.

    Args:
        session: the study.
        journal: its journal.
        place: its folder, None where it goes with the result.

    Attributes:
        stopped: why training has ended before the planned repeats; None where it has not.
    """

    def __init__(self, session: Session, journal: Journal, place: Path | None) -> None:
        self._session = session
        self._journal = journal
        self._place = place
        self.stopped: Ended | None = None

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
        if self.stopped:
            with speaking(ENGLISH):
                _log.info("%s", why_ended(self.stopped))

    def now(self) -> tuple[Look, tuple[LookSummary, ...]]:
        """The look at what has been trained, and those before it.

        The same repeats of the same candidates, evaluated again, are the same look.
        """
        earlier = self._earlier()
        added = self._unseen()
        spec = self._session.spec
        grows = not (spec.methods or spec.refine or spec.halving)
        same = bool(earlier) and earlier[-1].repeats == self._session.resampling.repeats
        if same and not added:
            *others, last = earlier
            level, added = last.level, tuple(last.added)
        else:
            others, planned = list(earlier), spec.until_decided
            if earlier:
                planned = earlier[0].level < level_of(1, planned=False)
            level = level_of(len(others) + 1, planned=planned)
        spent = level + sum(one.level for one in others)
        look = Look(len(others) + 1, level, spent, self.stopped, grows, added)
        return look, tuple(others)

    def record(self, summary: LookSummary) -> None:
        """Write a look into the journal."""
        self._journal.add_look(summary.number, to_dict(summary))

    def _unseen(self) -> tuple[str, ...]:
        """The candidates that were given later and taken, and that no look has had."""
        return self._session.given_later[self._seen() :]

    def _seen(self) -> int:
        """How many candidates that were given later the looks so far have had."""
        return sum(len(one.added) for one in self._earlier())

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
        if looked and sum(map(len, session.later)) > self._seen():
            # The new ones are first trained as far as the others.
            planned = tuple(sorted({looked, *planned}))
            looked -= 1
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
        self.stopped = Ended("most", session.resampling.repeats)

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
        # What is given to a study that has ended is trained as far as the others, however long.
        deadline = None if complete or self._earlier() else self._deadline(seconds)
        pace = self._train_to(done, complete, progress, label, deadline)
        said: int | None = None
        while done < whole.repeats:
            fit = int((seconds - journal.seconds()) / max(pace, 1e-9))
            if fit < unit:
                self.stopped = Ended("time", done, most=whole.repeats, minutes=seconds / 60)
                return
            expected = min(done + fit // unit * unit, whole.repeats)
            if said is None or abs(expected - said) > FAR_OFF * said:
                about = functools.partial(
                    _about, expected, whole.repeats, seconds, anew=said is not None
                )
                tell(about, progress)
                said = expected
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
        compiled = session.trainer.compile_seconds
        train_all(session, self._journal, progress, label=label, tick=tick or (lambda _: None))
        if repeats == complete:
            return before / repeats
        spent = self._journal.seconds() - before - (session.trainer.compile_seconds - compiled)
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
            compiled = self._session.trainer.compile_seconds
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


def _about(expected: int, most: int, seconds: float, *, anew: bool) -> str:
    """How many repeats are expected to fit in so much time, in a sentence."""
    text = gettext(
        "About {expected} of at most {most} repeats are expected to fit in {minutes:g} minutes."
    )
    if expected == most:
        text = gettext("All {most} repeats are expected to fit in {minutes:g} minutes.")
    elif anew:
        text = gettext(
            "Now about {expected} of at most {most} repeats are expected to fit in {minutes:g} "
            "minutes."
        )
    return text.format(expected=expected, most=most, minutes=seconds / 60)


def _shown(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} minutes"


def _decision(summary: LookSummary, *, overlap: bool) -> Ended | None:
    """Why a look ends training; None where it does not."""
    if summary.helps:  # at this look: retraining, which follows the last one, may tell less
        return Ended("helps", summary.repeats, chosen=summary.chosen)
    if summary.repeats_suffice:
        return Ended("splits" if overlap else "rows", summary.repeats)
    return None
