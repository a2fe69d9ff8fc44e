"""Data made ready for a study: built-in examples, tables from files, and a default network."""

from wane.data.examples import EXAMPLES
from wane.data.networks import default_network, parse_hidden
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
    "Problem",
    "candidates_of",
    "default_network",
    "describe",
    "load_problem",
    "parse_hidden",
    "problem_study",
    "read_table",
]
