"""A specification as ``study.json`` has it, and its fields read back from there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wane._errors import InputError, listed, one_line, whole_number
from wane.study.spec.candidates import with_baseline
from wane.study.spec.documents import (
    Recorded,
    candidate_of,
    change_document,
    labels_document,
    object_document,
    rows_document,
    rows_of,
    select_by_document,
    select_by_of,
)
from wane.study.spec.references import references_document, references_of
from wane.study.spec.scorers import scorers_of
from wane.study.spec.settings import checked_settings
from wane.study.spec.spaces.search import Search

if TYPE_CHECKING:
    from wane.study.spec.spec import StudySpec

_PLAIN = (
    "name",
    "epochs",
    "batch_size",
    "shuffle",
    "seed",
    "initial_weights",
    "optimizer_state",
    "standardize_target",
    "learning_curve",
    "refine",
    "halving",
    "matters",
)
"""Fields that JSON holds as they are."""


def spec_document(spec: "StudySpec") -> dict[str, Any]:
    """The specification as JSON holds it."""
    names = dict(zip(spec.candidates, spec.names, strict=True))
    return {
        **{name: getattr(spec, name) for name in _PLAIN},
        "candidates": {
            name: [change_document(change) for change in candidate]
            for candidate, name in names.items()
        },
        "methods": {
            method: [names[candidate] for candidate in candidates]
            for method, candidates in spec.methods.items()
        },
        "ineligible": [names[candidate] for candidate in spec.ineligible],
        "search": None if spec.search is None else spec.search.document(),
        "repeats": spec.repeats,
        "extend": spec.extend,
        "until_decided": spec.until_decided,
        "minutes": spec.minutes,
        "retraining": spec.retraining,
        "validation": rows_document(spec.validation),
        "test": rows_document(spec.test),
        "groups": labels_document(spec.groups),
        "time": labels_document(spec.time),
        "gap": spec.gap,
        "select_by": select_by_document(spec.select_by),
        "scoring": None if spec.scoring is None else list(spec.scoring),
        "references": references_document(spec.references),
        "callbacks": [
            one.document if isinstance(one, Recorded) else type(one).__name__
            for one in spec.callbacks
        ],
        "transform": object_document(spec.transform),
        "class_weight": None
        if spec.class_weight is None
        else {str(label): weight for label, weight in spec.class_weight.items()},
        "class_names": list(spec.class_names),
        "log_target": None if spec.log_shift is None else {"shift": spec.log_shift},
        "rows": dict(spec.rows),
        "data_sha256": dict(spec.data_sha256),
    }


def spec_fields(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the specification that a document holds, checked as those of a study are.

    Args:
        document: what :func:`spec_document` gave, or a dictionary of the same keys.

    Raises:
        InputError: if it is no study's, or one of another version.
    """
    if not isinstance(document, Mapping):
        raise InputError(f"A study's document is a dictionary, got {type(document).__name__}.")
    lacking = [n for n in (*_PLAIN, "candidates", "validation") if n not in document]
    if lacking:
        raise InputError(
            f"The document lacks {listed(lacking)}, so it is no study of this version of wane: "
            f"give what study.json holds."
        )
    try:
        fields = _fields(document)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(
            f"The document is no study of this version of wane ({one_line(error)}): give what "
            f"study.json holds."
        ) from error
    # Callbacks and scorers are recorded, and so not checked.
    checked = checked_settings({name: fields[name] for name in (*_PLAIN, "retraining")})
    return {**fields, **{name: checked[name] for name in (*_PLAIN, "retraining")}}


def _fields(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the specification that a document holds."""
    given = [document, *document.get("added", ())]  # at the beginning, and later
    by_name = {name: candidate_of(own) for one in given for name, own in one["candidates"].items()}
    weights = document.get("class_weight")
    return {
        **{name: document[name] for name in _PLAIN},
        "candidates": with_baseline(tuple(by_name.values())),
        "methods": {
            method: tuple(by_name[name] for name in names)
            for method, names in document.get("methods", {}).items()
        },
        "ineligible": tuple(by_name[name] for name in document.get("ineligible", ())),
        "search": Search.of_document(document.get("search")),
        "repeats": document.get("repeats"),
        "extend": document.get("extend", False),
        "until_decided": document.get("until_decided", False),
        "minutes": document.get("minutes"),
        "retraining": document.get("retraining"),
        "validation": rows_of(document["validation"]),
        "test": rows_of(document.get("test")),
        "groups": _recorded(document.get("groups")),
        "time": _recorded(document.get("time")),
        "gap": whole_number(document.get("gap", 0), "gap", least=0),
        "select_by": select_by_of(document.get("select_by")),
        "scoring": scorers_of(document.get("scoring", ())),
        "references": references_of(document.get("references", {})),
        "callbacks": tuple(Recorded(name) for name in document.get("callbacks", ())),
        "transform": _recorded(document.get("transform")),
        "class_weight": weights and {int(label): float(w) for label, w in weights.items()},
        "class_names": tuple(document.get("class_names", ())),
        "log_shift": _shift_of(document.get("log_target")),
        "rows": dict(document.get("rows", {})),
        "data_sha256": dict(document.get("data_sha256", {})),
    }


def _shift_of(document: Any) -> int | None:
    return None if document is None else whole_number(document["shift"], "shift", least=0, most=1)


def _recorded(document: Any) -> Any:
    return None if document is None else Recorded(document)
