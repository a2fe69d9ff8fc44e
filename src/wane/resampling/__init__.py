"""How rows are divided into training, validation and test rows, repeat by repeat."""

from wane.resampling.schemes import Fresh, Subsample

__all__ = ["Fresh", "Subsample"]
