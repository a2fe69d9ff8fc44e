"""What a study states of itself in its folder: the specification, and fingerprints beside it."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from wane.keras_model.bridge.bridge import Bridge
from wane.keras_model.bridge.optimizers import optimizer_document
from wane.study.journal.identity import FINGERPRINTS, shown
from wane.study.journal.names import SCHEMA, SHOWN
from wane.study.spec.documents import without_addresses

if TYPE_CHECKING:
    from wane.resampling.splits import Split
    from wane.study.running.session import Session

MARK = 16
"""Characters of a split's mark: two of 1,000 differ, but by a chance of 1 in 10¹³."""


def statement(session: "Session") -> dict[str, Any]:
    """The study in words and numbers, with fingerprints of what these leave out; JSON-able."""
    return {
        "schema": SCHEMA,
        **session.spec.to_dict(),
        "repeats": session.resampling.repeats,
        SHOWN: shown(
            session.program.curve_names,
            session.bridge.task.metric,
            session.criterion,
            0 if session.spec.data.test is None else session.spec.data.test.units,
        ),
        FINGERPRINTS: fingerprints(session),
    }


def fingerprints(session: "Session") -> dict[str, Any]:
    """What tells studies apart that words and numbers do not: programs, values, splits."""
    structures, splits = session.structures.all, session.resampling.splits
    bridges = [structure.bridge for structure in structures]
    candidates = range(len(session.spec.candidates))
    initial_states = [structure.beginning.first_state for structure in structures]
    continued = session.spec.optimizer_state == "model"
    # How a transform shows itself does not say what it does, as with a function in it.
    rows = session.splits.rows(0)
    transformed = [] if rows.transform is None else [rows.train.x, rows.validation.x]
    return {
        "program": _digest(
            [
                session.workers.execution.convolutions,
                *(s.beginning.fingerprint for s in structures),
            ]
        ),
        "training": _digest([[_training(s.bridge), s.program.rules] for s in structures]),
        "initial_values": _digest(
            [
                _arrays([s.weights, s.state, *([bridge.optimizer_state(s.weights)] * continued)])
                for s, bridge in zip(initial_states, bridges, strict=True)
            ]
        ),
        "transformed": _arrays(transformed),
        "splits": [_split_mark(session, split) for split in splits],
        "settings": _digest(
            [
                [session.structures.of(index).terms, session.run(index, 0).settings]
                for index in candidates
            ]
        ),
    }


def _split_mark(session: "Session", split: "Split") -> str:
    """What tells splits apart, of rows that were drawn for it also these."""
    drawn = session.resampling.kind == "fresh"
    development = session.spec.data.development
    parts = [split.train, split.validation] if drawn else []
    rows = [development.at(part).sha256() for part in parts if part is not None]
    return _digest([_arrays([split.train, split.validation]), *rows])[:MARK]


def _training(bridge: Bridge) -> list[Any]:
    """What acts on an epoch beside the program of a step."""
    metrics = [[type(m).__name__, _configuration(m)] for m in bridge.flat_metrics]
    return [optimizer_document(bridge.optimizer), metrics, list(bridge.metric_names)]


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
    return hashlib.sha256(without_addresses(text).encode()).hexdigest()


def _shown(value: Any) -> Any:
    if hasattr(value, "__array__"):
        return np.asarray(value).tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return [type(value).__name__, {f.name: getattr(value, f.name) for f in fields}]
    return repr(value)
