"""What a study is, by which a folder recognizes the one that is given.

Two studies are one if every number that they can give is the same: the same programs, trained with
the same options from the same weights on the same rows. Names that Keras gives by itself, such as
``dense_1``, are no part of that.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wane.study.journal.names import ADDED, SHOWN
from wane.study.spec.looks import PLAN
from wane.study.spec.selection import Criterion

FINGERPRINTS = "fingerprints"
SPLITS = "splits"
NOT_COMPARED = ("name", "class_names", "recipe", "versions", SHOWN, FINGERPRINTS)
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


def shown(curves: Sequence[str], metric: str, by: Criterion, test_units: int) -> dict[str, Any]:
    """How the runs of a study are shown before they have all ended, for its statement.

    Args:
        curves: the columns of their curves.
        metric: by which people evaluate them.
        by: what candidates are chosen by.
        test_units: how many test rows, or groups of them, there are.
    """
    own = {"curves": list(curves), "metric": metric, "test_units": test_units}
    return {**own, "select_by": by.name, "direction": by.direction}


def differences(
    there: Mapping[str, Any], here: Mapping[str, Any], *, plan: bool = True
) -> list[str]:
    """What people call the things in which two statements differ, each once.

    Args:
        there: the statement of a folder.
        here: the one that is given.
        plan: whether they must be trained as long, too.
    """
    words: dict[str, None] = {}
    here = json.loads(json.dumps(here))
    if not plan:
        there, here = _as_long(there, here)
    ours, theirs = here.get(FINGERPRINTS, {}), there.get(FINGERPRINTS, {})
    for name, value in {**here, **ours}.items():
        old = theirs.get(name) if name in ours else there.get(name)
        if name in NOT_COMPARED or old == value:
            continue
        if name == "training" and "callbacks" in words:
            continue  # that fingerprint is of callbacks too, which have been named
        word = WORDS.get(name, name)
        if name not in WORDS and not isinstance(value, dict | list):
            word = f"{name} ({old!r} there, {value!r} here)"
        words[word] = None
    return list(words)


def _as_long(
    there: Mapping[str, Any], here: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two statements without what may differ in studies of which one is the other's beginning."""
    found = []
    marks = [one.get(FINGERPRINTS, {}).get(SPLITS) for one in (there, here)]
    grow = [
        isinstance(splits, list) and len(splits) == one.get("repeats")
        for splits, one in zip(marks, (there, here), strict=True)
    ]
    common = min(map(len, marks)) if all(grow) else None
    for one in (there, here):
        short = {name: value for name, value in one.items() if name not in (*PLAN, ADDED)}
        if common is not None:
            prints = one[FINGERPRINTS]
            short[FINGERPRINTS] = {**prints, SPLITS: prints[SPLITS][:common]}
        found.append(short)
    both_drawn = all(_is_drawn(one) for one in found)
    if both_drawn and common is not None:  # the marks of the splits are of their rows too
        for short in found:
            for name in ("rows", "data_sha256"):
                own = short.get(name)
                if isinstance(own, dict):
                    short[name] = {k: v for k, v in own.items() if k != "development"}
    return found[0], found[1]


def _is_drawn(statement: Mapping[str, Any]) -> bool:
    """Whether each repeat draws rows of its own."""
    validation = statement.get("validation")
    return isinstance(validation, dict) and "fresh" in validation
