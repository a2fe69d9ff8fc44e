"""What is asked of a process on JAX: a study and what to do with it, written as data."""

import dataclasses
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wane._errors import InputError
from wane.keras_model.copies import ModelSource
from wane.keras_model.crossing.callbacks import callback_document, callback_of
from wane.keras_model.crossing.models import read_model, write_model
from wane.keras_model.crossing.settings import settings_document, take_settings
from wane.penalties import CATALOGUE, Candidate, Network, Penalty, network_of
from wane.resampling.schemes import Fresh
from wane.resampling.splits import is_splitter
from wane.study.spec.candidates import with_baseline
from wane.study.spec.documents import candidate_of, change_document
from wane.study.spec.spec import StudySpec
from wane.study.worker.arrays import read_rows, write_labels, write_rows
from wane.study.worker.objects import object_document, object_of
from wane.training.execution import Execution

MODEL = "model.keras"
REQUEST, CALL = "request.json", "call.json"
"""What the files in the folder of a process are called: the study, and what to do with it."""
ASKED = "asked"
"""What the file with the answer to a question is called, but for its suffix."""
OBJECTS = ("validation", "test", "groups", "time", "references", "callbacks", "transform")
"""Settings that may be objects of the user's, which can be changed later."""
Ask = tuple[str, Mapping[str, Any]]
"""A method of a result, and its arguments."""
Rows = tuple[Any, Any, Any]
"""x, y and sample_weight."""


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of the study's method that trains, and perhaps one of what that gives.

    Attributes:
        method: ``"run"``, ``"compare"``, ``"tune"`` or ``"path"``.
        folder: the study's.
        progress, execution, ray: as the method takes them.
        arguments: the others, as JSON has them.
        ask: a method of the result, and its arguments; the answer is written to a file.
    """

    method: str
    folder: str
    progress: bool
    execution: Execution | None
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    ray: str | None = None
    ask: Ask | None = None


def check_crossing(spec: StudySpec) -> None:
    """Check that data can hold what a study has beside model and rows.

    Raises:
        InputError: naming what it cannot hold.
    """
    _parts(spec)


def write_parts(folder: Path, spec: StudySpec, rows: Rows) -> dict[str, Any]:
    """Write the model and the rows of a study, which are those of each study of other candidates.

    Args:
        folder: an empty one, which nobody else can write.
        spec: the study, with its model.
        rows: x, y and sample_weight as they were given.

    Returns:
        What :func:`write_study` takes of them.

    Raises:
        InputError: naming what cannot be written as data.
    """
    assert spec.model is not None
    parts = _parts(spec)
    write_model(spec.model, folder / MODEL)
    return {
        "keras": settings_document(),
        "rows": [
            write_rows(part, name, folder)
            for name, part in zip(("x", "y", "sample_weight"), rows, strict=True)
        ],
        "parts": {**parts, **_rows_apart(spec, folder)},
        "objects": {name: spec.to_dict()[name] for name in OBJECTS},
    }


def write_networks(
    folder: Path, candidates: Iterable[Candidate], written: Mapping[Network, str]
) -> dict[Network, str]:
    """Write the networks of candidates that are not written yet, each to a file of its own.

    Another thread, or a fork of this process, may write others into the folder meanwhile.

    Returns:
        The file of each network, of those that were written before too.

    Raises:
        InputError: naming what of a model cannot be written as data.
    """
    found = dict(written)
    for network in _networks(candidates):
        if network not in found:
            file = f"network-{uuid.uuid4().hex}.keras"
            write_model(network.model, folder / file)
            found[network] = file
    return found


def write_study(
    place: Path, spec: StudySpec, parts: Mapping[str, Any], networks: Mapping[Network, str]
) -> None:
    """Write which study a process is to make.

    Args:
        place: the folder of the process, in that of the model and the rows.
        spec: the study.
        parts: what :func:`write_parts` gave.
        networks: the file of each network.

    Raises:
        InputError: naming what cannot be written as data.
    """
    _check_penalties(spec.candidates)
    named = {one.title: networks[one] for one in _networks(spec.candidates)}
    stated = {**spec.to_dict(), **parts["objects"]}  # as they were when the parts were written
    document = {**parts, "spec": stated, "networks": named}
    (place / REQUEST).write_text(json.dumps(document, default=_plain), encoding="utf-8")


def read_study(place: Path) -> tuple[StudySpec, ModelSource, Rows, dict[str, Any]]:
    """What was written: a specification, its model and rows, and what else it lacks."""
    document = json.loads((place / REQUEST).read_text(encoding="utf-8"))
    folder = place.parent
    take_settings(document["keras"])
    x, y, weight = (read_rows(part, folder) for part in document["rows"])
    given = {name: _read(name, part, folder) for name, part in document["parts"].items()}
    networks = {title: read_model(folder / file) for title, file in document["networks"].items()}
    given["networks"] = networks or None
    spec = StudySpec.from_dict(document["spec"])
    return spec, read_model(folder / MODEL), (x, y, weight), given


def write_call(place: Path, call: Call) -> None:
    """Write what a process is to do with its study.

    Raises:
        InputError: naming what cannot be written as data.
    """
    text = json.dumps(_written_call(call, place), default=_plain)
    (place / CALL).write_text(text, encoding="utf-8")


def read_call(place: Path) -> Call | None:
    """What a process is to do with its study; None where it is to check it alone."""
    if not (place / CALL).exists():
        return None
    document = json.loads((place / CALL).read_text(encoding="utf-8"))
    call = Call(**{**document, "ask": _read_ask(document["ask"], place)})
    if call.execution is not None:
        call = dataclasses.replace(call, execution=Execution(**document["execution"]))
    return call


def _written_call(call: Call, folder: Path) -> dict[str, Any]:
    how = None if call.execution is None else dataclasses.asdict(call.execution)
    whole = {field.name: getattr(call, field.name) for field in dataclasses.fields(call)}
    return {**whole, "execution": how, "ask": _written_ask(call.ask, folder)}


def _written_ask(ask: Ask | None, folder: Path) -> Any:
    """A question whose rows are in files."""
    if ask is None:
        return None
    method, arguments = ask
    rows = write_rows(arguments.get("x"), "asked", folder)
    return [method, arguments if rows is None else {**arguments, "x": rows}]


def _read_ask(ask: Any, folder: Path) -> Ask | None:
    if ask is None:
        return None
    method, arguments = ask
    if "x" in arguments:
        arguments["x"] = read_rows(arguments["x"], folder)
    return method, arguments


def write_asked(folder: Path, answer: Any) -> None:
    """Write the answer to a question: a table or a model."""
    if isinstance(answer, pd.DataFrame):
        answer.to_parquet(folder / f"{ASKED}.answer.parquet")
    else:
        answer.save(folder / f"{ASKED}.answer.keras")


def read_asked(folder: Path) -> Any:
    """The answer to a question; None where none was asked."""
    if (folder / f"{ASKED}.answer.parquet").exists():
        return pd.read_parquet(folder / f"{ASKED}.answer.parquet")
    if (folder / f"{ASKED}.answer.keras").exists():
        return read_model(folder / f"{ASKED}.answer.keras")
    return None


def candidate_documents(candidates: Sequence[Candidate]) -> list[Any]:
    """Candidates as JSON has them, the baseline too if it is among them.

    Raises:
        InputError: if one is none, has a network, or a penalty of the user's own.
    """
    checked = [with_baseline([candidate])[-1] for candidate in candidates]
    _check_penalties(checked)
    if _networks(checked):
        raise InputError(
            "Networks in the methods of a comparison cannot be handed to JAX, on which wane "
            "trains: start Python anew with KERAS_BACKEND=jax."
        )
    return [[change_document(change) for change in candidate] for candidate in checked]


def candidates_of(documents: Sequence[Any]) -> list[Candidate]:
    """What :func:`candidate_documents` wrote."""
    return [candidate_of(one) for one in documents]


def _parts(spec: StudySpec) -> dict[str, Any]:
    """What a specification holds beside rows that its document does not, as data."""
    _check_penalties(spec.candidates)
    parts: dict[str, Any] = {}
    for name in ("validation", "test"):
        given = getattr(spec, name)
        if isinstance(given, Fresh):
            raise _refusal(
                f"{name}=wane.Fresh(...)", "draws rows by a function of yours: give rows"
            )
        if not isinstance(given, tuple | list) and is_splitter(given):
            parts[name] = {"object": object_document(given, name)}
    if spec.transform is not None:
        parts["transform"] = {"object": object_document(spec.transform, "transform")}
    if spec.callbacks:
        parts["callbacks"] = [callback_document(one) for one in spec.callbacks]
    read = StudySpec.from_dict(json.loads(json.dumps(spec.to_dict(), default=_plain)))
    if "scoring" in read.missing():
        raise _refusal("scoring", "holds functions: name scikit-learn's scorers")
    if "references" in read.missing():
        parts["references"] = {
            name: one if one is None else object_document(one, "references")
            for name, one in spec.references.items()
        }
    return parts


def _refusal(what: str, why: str) -> InputError:
    return InputError(
        f"{what} cannot be handed to JAX, on which wane trains, since it {why}, or start Python "
        f"anew with KERAS_BACKEND=jax."
    )


def _check_penalties(candidates: Iterable[Candidate]) -> None:
    for change in (change for candidate in candidates for change in candidate):
        if isinstance(change, Penalty) and type(change) not in CATALOGUE.values():
            raise _refusal(f"The penalty {change}", "is a class of yours: give wane's own")


def _networks(candidates: Iterable[Candidate]) -> list[Network]:
    found = dict.fromkeys(network_of(candidate) for candidate in candidates)
    return [network for network in found if network is not None]


def _rows_apart(spec: StudySpec, folder: Path) -> dict[str, Any]:
    """Validation and test rows that were given as arrays, groups and times."""
    found: dict[str, Any] = {}
    for name in ("validation", "test"):
        given = getattr(spec, name)
        if isinstance(given, tuple | list):
            names = [f"{name} {part}" for part in ("x", "y", "sample_weight")]
            written = [write_rows(p, n, folder) for p, n in zip(given, names, strict=False)]
            found[name] = {"rows": written}
    for name in ("groups", "time"):
        if getattr(spec, name) is not None:
            found[name] = write_labels(getattr(spec, name), name, folder)
    return found


def _read(name: str, part: Any, folder: Path) -> Any:
    match part:
        case {"rows": rows}:
            return tuple(read_rows(one, folder) for one in rows)
        case {"object": document}:
            return object_of(document)
        case [*documents]:
            return [callback_of(one) for one in documents]
    if name == "references":
        return {key: one if one is None else object_of(one) for key, one in part.items()}
    return read_rows(part, folder)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise InputError(
        f"{value!r} cannot be handed to JAX, on which wane trains, since it is no plain value: "
        f"give numbers and words, or start Python anew with KERAS_BACKEND=jax."
    )
