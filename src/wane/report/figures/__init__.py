"""Figures as matplotlib objects: no pyplot, and no setting of matplotlib's that stays changed."""

from wane.report.figures._style import png
from wane.report.figures.boundary import boundary_figure
from wane.report.figures.learning_curves import learning_curves_figure
from wane.report.figures.norms import norms_figure
from wane.report.figures.settings import settings_figure
from wane.report.figures.strengths import strengths_figure
from wane.report.figures.train_sizes import train_sizes_figure

__all__ = [
    "boundary_figure",
    "learning_curves_figure",
    "norms_figure",
    "png",
    "settings_figure",
    "strengths_figure",
    "train_sizes_figure",
]
