"""The search that the options of ``wane study --by-layer`` mean."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wane._errors import InputError
from wane.penalties import CATALOGUE

if TYPE_CHECKING:
    import typer

    from wane.study.spec.spaces.search import Search
    from wane.study.spec.spec import StudySpec

_NOT_SEARCHED = ("refine", "halving", "until_decided", "minutes", "early_stopping")
"""Options that say how long other studies train."""


def checked_search(
    names: Sequence[str], options: Mapping[str, Any], context: "typer.Context", *, proximal: bool
) -> dict[str, Any]:
    """The options that say how long a study trains, without those of a search, checked.

    Args:
        names: the penalties.
        options: those that were given of how long a study trains.
        context: which knows where the other options are from.
        proximal: whether penalties act by proximal steps.

    Raises:
        InputError: if they do not go together.
    """
    of_search = ("by_layer", "trials", "no_evidence")
    others = {name: own for name, own in options.items() if name not in of_search}
    if not options.get("by_layer"):
        if options.get("trials") is not None:
            raise InputError("--trials is for a search: give --by-layer too, or leave it out.")
        if options.get("no_evidence"):
            raise InputError("--no-evidence is for a search: give --by-layer too, or leave it out.")
        return others
    given = [name for name in _NOT_SEARCHED if options.get(name)]
    if given or proximal:
        option = "--proximal" if not given else f"--{given[0].replace('_', '-')}"
        raise InputError(
            f"{option} and --by-layer exclude each other, since a search decides by itself what it "
            f"trains and for how long: leave out one of them."
        )
    source = context.get_parameter_source("layers")
    if source is not None and source.name == "COMMANDLINE":
        raise InputError(
            "--by-layer searches all layers that have such weights, and --layers names some: leave "
            "out one of them; in Python study.tune() takes a wane.Range for each."
        )
    if len(names) > 1:
        raise InputError(
            f"--by-layer searches the strengths of one penalty, got {' and '.join(names)}: name "
            f"one."
        )
    return others


def search_by_layer(
    spec: "StudySpec",
    name: str,
    strengths: Sequence[float],
    on: tuple[str, ...],
    options: Mapping[str, Any],
) -> "Search | None":
    """A strength of a penalty for each layer, from the weakest to the strongest that are given.

    Args:
        spec: the study.
        name: of the penalty.
        strengths, on: its strengths, and the roles of the weights that it acts on.
        options: those of a search; without ``--by-layer`` there is none.

    Raises:
        InputError: if the network has one layer, there are too few trials, or the strengths are no
            range.
    """
    if not options.get("by_layer"):
        return None
    from wane.study.spec.methods import checked_range
    from wane.study.spec.spaces.search import search_of

    span = checked_range((min(strengths), max(strengths)))
    penalty = CATALOGUE[name.lower()]
    how: dict[str, Any] = {
        "trials": options.get("trials"),
        "evidence": not options.get("no_evidence"),
    }
    return search_of(spec.model, None, penalty=penalty, strengths=span, on=on, **how)
