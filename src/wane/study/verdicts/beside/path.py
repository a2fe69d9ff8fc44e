"""What a path shows, in words that claim no more than its intervals do."""

from collections.abc import Sequence

from wane._language import gettext, ngettext, pgettext
from wane.report.numbers import number, strength_text
from wane.report.wording import capital, clauses, ended, listing, paragraph
from wane.resampling.splits import Resampling
from wane.study.evaluation.path import PathStage
from wane.study.verdicts.scope import holds_for, shared_by_repeats


def path_text(
    stages: Sequence[PathStage],
    *,
    equal_epochs: bool,
    resampling: Resampling,
    same_weights: bool,
    rows: int,
) -> str:
    """The verdict of a path in the language of now.

    Args:
        stages: its stages in the order of training.
        equal_epochs: whether cold starts trained as many epochs as the path.
        resampling: how its repeats differ.
        same_weights: whether all repeats start from the same weights.
        rows: training rows of a repeat.
    """
    sentences = [
        _warm_starts(stages[1:]),
        _lowest(stages),
        _epochs(stages[-1], equal_epochs),
        _scope(resampling, rows, same_weights=same_weights and resampling.repeats > 1),
    ]
    return paragraph(sentences)


def _warm_starts(stages: Sequence[PathStage]) -> str:
    parts = []
    for conclusion, (said, every) in _conclusions().items():
        own = [s.strength for s in stages if s.warm_minus_cold.conclusion == conclusion]
        if len(own) == len(stages) > 1:
            parts.append(said.format(strengths=every))
        elif own:
            parts.append(said.format(strengths=_strengths(own)))
    return capital(ended(clauses(parts)))


def _conclusions() -> dict[str, tuple[str, str]]:
    """For each conclusion a clause with a field for its strengths, and what all of them are."""
    every, each = pgettext("of a path", "every strength"), pgettext("of a path", "any strength")
    return {
        "better": (gettext("a warm start is better at {strengths}"), every),
        "worse": (gettext("a warm start is worse at {strengths}"), every),
        "no difference detected": (gettext("no difference was detected at {strengths}"), each),
        "cannot be told": (
            gettext("whether a warm start is better on new rows cannot be told at {strengths}"),
            each,
        ),
        "not comparable": (
            gettext("runs diverged, or are too few to compare, at {strengths}"),
            every,
        ),
    }


def _lowest(stages: Sequence[PathStage]) -> str:
    """Where the validation data loss is lowest, along the path and from cold starts."""
    places: dict[str, str] = {}
    for start in ("warm", "cold"):
        means = [
            (getattr(stage, start).numbers["validation_data_loss"].mean, stage)
            for stage in stages
            if not getattr(stage, start).diverged
        ]
        if not means:
            return ""
        loss, stage = min(means, key=lambda one: one[0])
        places |= {start: _strengths([stage.strength]), f"{start}_loss": number(loss)}
    return gettext(
        "The validation data loss is lowest along the path at {warm} ({warm_loss}) and from cold "
        "starts at {cold} ({cold_loss})."
    ).format(**places)


def _epochs(last: PathStage, equal_epochs: bool) -> str:
    if equal_epochs:
        return gettext(
            "Cold starts trained as many epochs as the path had behind it at their strength."
        )
    return ngettext(
        "Cold starts trained {cold:,} epoch and the path up to {warm:,} in all, so that a "
        "difference may come of longer training; with equal_epochs (--equal-epochs) both train "
        "alike.",
        "Cold starts trained {cold:,} epochs and the path up to {warm:,} in all, so that a "
        "difference may come of longer training; with equal_epochs (--equal-epochs) both train "
        "alike.",
        last.cold.epochs,
    ).format(cold=last.cold.epochs, warm=last.warm.epochs)


def _scope(resampling: Resampling, rows: int, *, same_weights: bool) -> str:
    if resampling.repeats == 1:
        return ""
    holds = holds_for(resampling, rows, same_weights=same_weights, on_test=False)
    shared = shared_by_repeats(resampling.shares_split, same_weights)
    if shared is None:
        return gettext("This holds for {networks}.").format(networks=holds)
    return gettext("All {repeats} repeats {shared}: this holds for {networks}.").format(
        repeats=resampling.repeats, shared=shared, networks=holds
    )


def _strengths(strengths: Sequence[float]) -> str:
    """Where something is so; 0, if it is among several, comes last, as a path begins or ends so."""
    names = [strength_text(strength) for strength in strengths if strength]
    if len(names) == len(strengths):
        return pgettext("of a path", "{strengths}").format(strengths=listing(names))
    if not names:
        return pgettext("of a path", "no penalty")
    several = pgettext("between the words of a list", ", ").join(names)
    return pgettext("of a path", "{strengths} and no penalty").format(strengths=several)
