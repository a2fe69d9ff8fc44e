"""Strengths as the literature gives them: presets, and conversion between ways of writing them."""

from wane.literature.catalogue import presets
from wane.literature.conversion import CONVENTIONS, Convention, Converted, convert
from wane.literature.preset import Citation, Preset, Presets, UnknownPresetError

__all__ = [
    "CONVENTIONS",
    "Citation",
    "Convention",
    "Converted",
    "Preset",
    "Presets",
    "UnknownPresetError",
    "convert",
    "presets",
]
