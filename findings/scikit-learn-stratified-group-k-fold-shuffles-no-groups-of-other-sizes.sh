#!/usr/bin/env bash
# scikit-learn 1.9.1: StratifiedGroupKFold(shuffle=True) draws no groups at random where these differ
# in their shares of the classes. Groups are put into folds from the most to the least uneven one,
# whatever the seed; shuffling changes the order of equal ones alone. So the first fold of 400 seeds
# holds out some group always and others never, and is no random draw to average over.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet scikit-learn==1.9.1
"$work/venv/bin/python" - <<'PYTHON'
import numpy as np
import sklearn
from sklearn.model_selection import StratifiedGroupKFold

generator = np.random.default_rng(0)
sizes = generator.integers(3, 30, 20)
groups = np.repeat(np.arange(20), sizes)
y = (generator.random(len(groups)) < generator.uniform(0.2, 0.8, 20)[groups]).astype(int)
held_out = np.zeros(20)
for seed in range(400):
    splitter = StratifiedGroupKFold(4, shuffle=True, random_state=seed)
    _, test = next(splitter.split(groups[:, None], y, groups))
    held_out[np.unique(groups[test])] += 1
shares = held_out / 400
print(sklearn.__version__, "share of 400 seeds in which each group is in the first fold:")
print(np.sort(shares).round(3))
# A random fold of four would hold out each group in about a quarter of the draws.
assert shares.max() > 0.9 and (shares == 0).sum() >= 3, "behaviour has changed"
PYTHON
