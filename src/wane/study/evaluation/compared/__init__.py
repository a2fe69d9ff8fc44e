"""A part of evaluation: methods of a comparison, and the ranges of a search."""
