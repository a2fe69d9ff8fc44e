"""Figures as matplotlib objects: no pyplot, and no setting of matplotlib's that stays changed."""

from wane.report.figures.compared.rows import methods_drawing, wins_drawing
from wane.report.figures.compared.settings import settings_drawing
from wane.report.figures.learning_curves import learning_curves_drawing, train_sizes_drawing
from wane.report.figures.norms import norms_drawing
from wane.report.figures.panels import Drawing
from wane.report.figures.path import path_drawing
from wane.report.figures.predicted.boundary import boundary_drawing
from wane.report.figures.strengths import strengths_drawing
from wane.report.figures.style import FORMATS, file_of, png, svg

__all__ = [
    "FORMATS",
    "Drawing",
    "boundary_drawing",
    "file_of",
    "learning_curves_drawing",
    "methods_drawing",
    "norms_drawing",
    "path_drawing",
    "png",
    "settings_drawing",
    "strengths_drawing",
    "svg",
    "train_sizes_drawing",
    "wins_drawing",
]
