"""A part of ``study/results/``: what a result draws, and what that takes of its runs."""
