"""Figures as matplotlib objects: no pyplot, and no setting of matplotlib's that stays changed."""

from wane.report.figures.boundary import boundary_figure
from wane.report.figures.learning_curves import learning_curves_figure
from wane.report.figures.methods import methods_figure
from wane.report.figures.norms import norms_figure
from wane.report.figures.path import path_figure
from wane.report.figures.settings import settings_figure
from wane.report.figures.strengths import strengths_figure
from wane.report.figures.style import png
from wane.report.figures.train_sizes import train_sizes_figure
from wane.report.figures.wins import wins_figure

__all__ = [
    "boundary_figure",
    "learning_curves_figure",
    "methods_figure",
    "norms_figure",
    "path_figure",
    "png",
    "settings_figure",
    "strengths_figure",
    "train_sizes_figure",
    "wins_figure",
]
