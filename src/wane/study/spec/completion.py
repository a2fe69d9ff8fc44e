"""What a specification that was read back lacks, given anew."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from wane._errors import InputError, joined
from wane.penalties import Candidate, Network
from wane.study.spec.spec import StudySpec

_MADE = ("model", "dataset", "rows", "data_sha256", "methods", "ineligible", "describe_transform")
"""Fields of a specification that are made, and not arguments."""


def completed_arguments(spec: StudySpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the study that a specification from a document states.

    Args:
        spec: the specification, without what JSON cannot hold.
        given: that, by the arguments of :meth:`Study.from_spec`.

    Raises:
        InputError: if something is missing.
    """
    lacking = [name for name in spec.missing() if given[name] is None]
    if lacking:
        raise InputError(
            f"The study was made with {joined(lacking)} that a JSON document cannot hold: give "
            f"{'it' if len(lacking) == 1 else 'them'} to Study.from_spec as to wane.Study."
        )
    settings = {
        field.name: getattr(spec, field.name)
        for field in dataclasses.fields(StudySpec)
        if field.name not in _MADE
    }
    settings |= {name: given[name] for name in spec.missing() if name != "networks"}
    if given["scoring"] is None:
        settings["scoring"] = list(spec.scoring)
    settings["candidates"] = _with_networks(spec.candidates, given["networks"] or {})
    return settings


def _with_networks(
    candidates: Sequence[Candidate], networks: Mapping[str, Any]
) -> tuple[Candidate, ...]:
    """The candidates with the models of their networks, which a document cannot hold."""
    return tuple(
        tuple(
            dataclasses.replace(change, model=networks[change.title])
            if isinstance(change, Network) and change.title in networks
            else change
            for change in candidate
        )
        for candidate in candidates
    )
