"""What a study is, so that a folder can tell whether it holds the one that is given.

Two studies are one if every number that they can give is the same: the same programs, trained with
the same options from the same weights on the same rows. Names that Keras gives by itself, such as
``dense_1``, are no part of that.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from wane.keras_model.bridge import Bridge
from wane.keras_model.optimizers import described

if TYPE_CHECKING:
    from wane.study.run import Session

FINGERPRINTS = "fingerprints"
NOT_COMPARED = ("name", "recipe", "versions", FINGERPRINTS)
WORDS = {
    "data_sha256": "data",
    "rows": "data",
    "validation": "validation",
    "transform": "transform",
    "transformed": "transform",
    "program": "model, loss or task",
    "training": "optimizer, metrics or callbacks",
    "initial_values": "initial weights",
    "path": "path of strengths",
    "splits": "split of the rows",
    "settings": "weights on which the candidates act",
}
"""What people call the entries of a statement whose values say nothing to them."""
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def statement(session: "Session") -> dict[str, Any]:
    """The study in words and numbers, with fingerprints of what these leave out; JSON-able."""
    structures, splits = session.structures.all, session.resampling.splits
    candidates = range(len(session.study.candidates))
    starts = [structure.starts(0) for structure in structures]
    # What a transform does is not told by how it shows itself, as with a function in it.
    rows = session.splits.rows(0)
    transformed = [] if rows.transform is None else [rows.train.x, rows.validation.x]
    words = {
        name: _ADDRESS.sub("", value) if isinstance(value, str) else value
        for name, value in session.study.spec().items()
    }
    return {
        **words,
        "repeats": session.resampling.repeats,
        FINGERPRINTS: {
            "program": _digest(
                [session.workers.placement.convolutions, *(s.fingerprint for s in structures)]
            ),
            "training": _digest([[_training(s.bridge), s.program.rules] for s in structures]),
            "initial_values": _digest([_arrays([s.weights, s.state]) for s in starts]),
            "transformed": _arrays(transformed),
            "splits": _digest([_arrays([split.train, split.validation]) for split in splits]),
            "settings": _digest(
                [
                    [session.structures.of(index).slots, session.run(index, 0).settings]
                    for index in candidates
                ]
            ),
        },
    }


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str] | None:
    """What people call the things in which two statements differ, each once.

    None if the first one has no fingerprints to compare.
    """
    if not isinstance(there.get(FINGERPRINTS), dict):
        return None
    told: dict[str, None] = {}
    here = json.loads(json.dumps(here))
    for name, value in {**here, **here[FINGERPRINTS]}.items():
        old = there[FINGERPRINTS].get(name) if name in here[FINGERPRINTS] else there.get(name)
        if name in NOT_COMPARED or old == value:
            continue
        word = WORDS.get(name, name)
        if name not in WORDS and not isinstance(value, dict | list):
            word = f"{name} ({old!r} there, {value!r} here)"
        told[word] = None
    return list(told)


def _training(bridge: Bridge) -> list[Any]:
    """What acts on an epoch beside the program of a step."""
    metrics = [[type(m).__name__, _configuration(m)] for m in bridge.flat_metrics]
    return [described(bridge.optimizer), metrics, list(bridge.metric_names)]


def _configuration(metric: Any) -> Any:
    try:
        return metric.get_config()
    except Exception:  # one of the user's own that has none
        return None


def _arrays(tree: Any) -> str:
    """SHA-256 of every array's values, shape and type."""
    digest = hashlib.sha256()
    for leaf in jax.tree.leaves(tree):
        values = np.asarray(leaf)
        digest.update(f"{values.shape}{values.dtype}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def _digest(values: Iterable[Any]) -> str:
    """SHA-256 of plain values; others count by what they show of themselves."""
    text = json.dumps(list(values), sort_keys=True, default=_shown)
    return hashlib.sha256(_ADDRESS.sub("", text).encode()).hexdigest()


def _shown(value: Any) -> Any:
    if hasattr(value, "__array__"):
        return np.asarray(value).tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return [type(value).__name__, {f.name: getattr(value, f.name) for f in fields}]
    return repr(value)
