"""A part of the study: a search of strengths, run."""
