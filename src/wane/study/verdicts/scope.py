"""What all repeats of a study have in common, and so of what its intervals speak."""


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
