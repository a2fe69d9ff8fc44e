"""After how many epochs the norms of the weights are taken."""

MOST_NORMS = 100
"""The most epochs after which a run's weight norms are taken: as many as a figure can show."""


def norms_every(epochs: int) -> int:
    """The step between epochs whose norms are kept, so that there are some 100 of them."""
    return -(-epochs // MOST_NORMS)
