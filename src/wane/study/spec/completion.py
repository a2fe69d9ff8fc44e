"""What a specification that was read back lacks, given anew."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from wane._errors import InputError, joined, nearest
from wane.penalties import Candidate, Network
from wane.study.spec.spec import StudySpec

_MADE = (
    "model",
    "dataset",
    "rows",
    "data_sha256",
    "methods",
    "ineligible",
    "given",
    "describe_transform",
    "account",
    "log_shift",
)
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
    settings["scoring"] = None if spec.scoring is None else list(spec.scoring)
    # What is given counts, also where the document holds it: it is compared with that.
    settings |= {name: one for name, one in given.items() if one is not None}
    settings["candidates"] = _with_networks(spec.candidates, settings.pop("networks", {}))
    return settings


def with_methods(found: StudySpec, spec: StudySpec) -> StudySpec:
    """The completed specification with the methods of the one that it was completed from.

    Args:
        found: completed, its candidates in the order of the other's.
        spec: without what JSON cannot hold, so that its networks are not the other's.
    """
    own = dict(zip(spec.candidates, found.candidates, strict=True))
    return dataclasses.replace(
        found,
        methods={
            method: tuple(own[candidate] for candidate in candidates)
            for method, candidates in spec.methods.items()
        },
        ineligible=tuple(own[candidate] for candidate in spec.ineligible),
        search=spec.search,
    )


def _with_networks(
    candidates: Sequence[Candidate], networks: Mapping[str, Any]
) -> tuple[Candidate, ...]:
    """The candidates with the models of their networks, which a document cannot hold."""
    changes = [change for candidate in candidates for change in candidate]
    own = {change.title for change in changes if isinstance(change, Network)}
    for title in networks:
        if title not in own:
            raise InputError(f"The study has no network {title!r}: {nearest(title, own)}")
    lacking = sorted(own - networks.keys())
    if networks and lacking:
        raise InputError(
            f"The study was made with the network {lacking[0]!r} that a JSON document cannot hold: "
            f"give its model in networks, by its title."
        )
    return tuple(
        tuple(
            dataclasses.replace(change, model=networks[change.title])
            if isinstance(change, Network) and networks
            else change
            for change in candidate
        )
        for candidate in candidates
    )
