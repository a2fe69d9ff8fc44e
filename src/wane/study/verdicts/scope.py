"""What all repeats of a study have in common, and so of what its intervals speak."""

from wane.stats import RetrainedDifference


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


def over_data_sets(retrained: RetrainedDifference | None) -> str:
    """Of what the interval of an improvement by retraining speaks, in a sentence; or nothing.

    Args:
        retrained: the improvement, or None where the runs were not trained again.
    """
    if retrained is None:
        return ""
    return (
        f"The interval of the improvement rests on {2 * retrained.runs:,} further runs under "
        f"random weights of the rows: it holds for other data sets of this kind and size."
    )


def differ_in(shares_split: bool, same_weights: bool) -> str:
    """In what repeats of which something is the same differ, in a phrase."""
    if not same_weights:
        return "seed"
    return "row order" if shares_split else "split and row order"
