"""What a study is, by which a folder recognizes the one that is given.

Two studies are one if every number that they can give is the same: the same programs, trained with
the same options from the same weights on the same rows. Names that Keras gives by itself, such as
``dense_1``, are no part of that.
"""

import json
from collections.abc import Mapping
from typing import Any

FINGERPRINTS = "fingerprints"
SCHEMA = 2
"""The version of ``study.json``: 1 was that of wane 0.1.0."""
NOT_COMPARED = ("name", "class_names", "recipe", "versions", FINGERPRINTS)
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


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """What people call the things in which two statements differ, each once.

    Args:
        there: the statement of a folder.
        here: the one that is given.
    """
    words: dict[str, None] = {}
    here = json.loads(json.dumps(here))
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
