"""What all repeats of a study have in common, and so of what its intervals speak."""

from wane.stats.sequential import LEVEL
from wane.study.spec.looks import Look, percent


def shared_by_repeats(shares_split: bool, same_weights: bool) -> tuple[str, str] | None:
    """What the repeats share, and what differences then hold for, in phrases; None for nothing.

    Args:
        shares_split: whether all repeats share one split.
        same_weights: whether all repeats start from the same weights.
    """
    if not same_weights:
        return ("share one split", "this split") if shares_split else None
    if shares_split:
        return "share one split and start from the same weights", "this split and these weights"
    return "start from the same weights", "these weights"


def differ_in(shares_split: bool, same_weights: bool) -> str:
    """In what repeats of which something is the same differ, in a phrase."""
    if not same_weights:
        return "seed"
    return "row order" if shares_split else "split and row order"


def looks_at_study(look: Look) -> str:
    """Which look at a study this is, at which level, and why training has ended there."""
    which = ""
    if look.number > 1 or look.level != LEVEL:
        which = f"This is look {look.number} of this study, level {percent(look.level)}"
        if look.number > 1:
            which += f"; the levels of all its looks add up to {percent(look.spent)}"
        which += "."
    return " ".join(sentence for sentence in (look.stopped, which) if sentence)
