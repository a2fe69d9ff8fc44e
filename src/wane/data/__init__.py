"""Data made ready for a study: examples, tables and arrays from files, and a default network."""

from wane.data.arrays import read_arrays
from wane.data.comparisons import kinds_to_compare
from wane.data.examples import EXAMPLES, drawn_anew
from wane.data.examples import document as examples_document
from wane.data.networks import NETWORKS, default_network, parse_hidden
from wane.data.preprocessing import describe
from wane.data.problem import Problem
from wane.data.studies import (
    candidates_of,
    load_problem,
    problem_study,
)
from wane.data.tables import read_table

__all__ = [
    "EXAMPLES",
    "NETWORKS",
    "Problem",
    "candidates_of",
    "default_network",
    "describe",
    "drawn_anew",
    "examples_document",
    "kinds_to_compare",
    "load_problem",
    "parse_hidden",
    "problem_study",
    "read_arrays",
    "read_table",
]
