"""Candidates: the settings that a study evaluates, each a tuple of what it changes."""

from collections.abc import Sequence

from wane._errors import InputError
from wane.penalties.base import Penalty
from wane.penalties.changes import Dropout, EarlyStopping, LearningRate, Network

Change = Penalty | Dropout | EarlyStopping | LearningRate | Network
"""What a candidate may change: a penalty on some weights (:class:`Penalty`), the rate of dropout
layers (:class:`Dropout`), when training ends (:class:`EarlyStopping`), the learning rate
(:class:`LearningRate`), or the network (:class:`Network`)."""
Candidate = tuple[Change, ...]
"""One setting that a study evaluates: a tuple of the changes that it makes to the model together.

The empty tuple is the baseline, the model as it is. Where a study takes candidates, a single change
stands for the tuple of it.

Example:
    >>> import wane
    >>> both: wane.Candidate = (wane.L1(1e-5, layers="hidden"), wane.Dropout(0.5))
    >>> wane.sweep(wane.L2, [0.001])  # a tuple of candidates
    ((L2(layers='all', on=('kernel', 'recurrent'), l2=0.001),),)
"""
BASELINE: Candidate = ()
"""The model as it is."""
BASELINE_NAME = "baseline"


def candidate_names(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """A name for each candidate: ``"L2(0.001)"``, with the target where strengths don't suffice.

    Where two candidates of one kind differ in their target only, all of that kind are named with
    theirs, so that a sweep is named in one way. Strengths have six significant digits, or all of
    them where these do not suffice.

    Raises:
        InputError: if two candidates are the same, or two networks have one title.
    """
    networks = {part for candidate in candidates for part in candidate if isinstance(part, Network)}
    titles = [network.title for network in networks]
    twice = [title for title in titles if titles.count(title) > 1]
    if twice:
        raise InputError(
            f"Two networks are called {twice[0]!r}; give each a title of its own, or "
            f"make one wane.Network and use it in both candidates."
        )
    repeated = [c for i, c in enumerate(candidates) if c in candidates[:i]]
    if repeated:
        raise InputError(
            f"Candidate {_name(repeated[0], target=True)} is there twice; give each one once."
        )
    exact = len({_name(candidate, target=True) for candidate in candidates}) < len(candidates)
    short = [_name(candidate, exact=exact) for candidate in candidates]
    ambiguous = {
        _kinds(candidate)
        for name, candidate in zip(short, candidates, strict=True)
        if short.count(name) > 1
    }
    return tuple(_name(c, target=_kinds(c) in ambiguous, exact=exact) for c in candidates)


def _kinds(candidate: Candidate) -> tuple[str, ...]:
    return tuple(change.kind for change in candidate)


def _name(candidate: Candidate, *, target: bool = False, exact: bool = False) -> str:
    parts = [change.name(target=target, exact=exact) for change in candidate]
    return " + ".join(parts) or BASELINE_NAME


def penalties_of(candidate: Candidate) -> tuple[Penalty, ...]:
    """The penalties among a candidate's changes."""
    return tuple(change for change in candidate if isinstance(change, Penalty))


def patience_of(candidate: Candidate) -> int | None:
    """After how many epochs without a lower validation data loss a candidate's runs end.

    None where they do not stop early.

    Raises:
        InputError: if it has early stopping twice.
    """
    stops = [change for change in candidate if isinstance(change, EarlyStopping)]
    if len(stops) > 1:
        raise InputError(f"A candidate stops early once, got {' and '.join(map(str, stops))}.")
    return stops[0].patience if stops else None


def learning_rate_of(candidate: Candidate) -> float | None:
    """The learning rate that a candidate gives to the optimizer, or None for the model's own.

    Raises:
        InputError: if it has two.
    """
    rates = [change for change in candidate if isinstance(change, LearningRate)]
    if len(rates) > 1:
        raise InputError(
            f"A candidate takes one learning rate, got {' and '.join(map(str, rates))}."
        )
    return rates[0].rate if rates else None


def at_epoch(candidate: Candidate, epoch: int) -> Candidate:
    """The candidate as it is in an epoch counted from 0, with strengths that stay."""
    return tuple(c.at(epoch) if isinstance(c, Penalty) else c for c in candidate)


def network_of(candidate: Candidate) -> Network | None:
    """The network that a candidate puts in place of the study's, or None.

    Raises:
        InputError: if it has more than one.
    """
    networks = [change for change in candidate if isinstance(change, Network)]
    if len(networks) > 1:
        raise InputError(
            f"A candidate takes one network, got {' and '.join(n.title for n in networks)}."
        )
    return networks[0] if networks else None
