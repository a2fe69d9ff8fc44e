"""Data made ready for a study: examples, tables, arrays, images, and a default network."""

from wane.data.examples import EXAMPLES, drawn_anew
from wane.data.examples import document as examples_document
from wane.data.images.reading import read_images
from wane.data.networks import NETWORKS, default_network
from wane.data.npz import read_arrays
from wane.data.preprocessing import describe
from wane.data.problem import Problem
from wane.data.tables import read_table
from wane.resampling.streams.parquet import ParquetRows

__all__ = [
    "EXAMPLES",
    "NETWORKS",
    "ParquetRows",
    "Problem",
    "default_network",
    "describe",
    "drawn_anew",
    "examples_document",
    "read_arrays",
    "read_images",
    "read_table",
]
