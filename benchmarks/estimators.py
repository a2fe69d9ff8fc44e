"""wane's estimators beside scikit-learn's own, on eight data sets that need no download."""

import importlib
import importlib.util
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.metrics import accuracy_score, log_loss, r2_score, root_mean_squared_error
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import wane
from benchmarks.machine import description
from benchmarks.paired import note
from benchmarks.results import EstimatorReading

PAGE = Path(__file__).parents[1] / "docs" / "scikit-learn.md"
FOLDS = 3
REALMLP = importlib.util.find_spec("pytabkit") is not None
"""Whether RealMLP's package is there, which brings PyTorch (CPU: ``torch==2.13.0`` before it)."""

Rows = tuple[np.ndarray, np.ndarray]


def _anes96() -> Rows:
    """The vote in the US presidential election of 1996, American National Election Studies."""
    from statsmodels.datasets import anes96

    frame = anes96.load_pandas().data.drop(columns="popul")
    return frame.drop(columns="vote").to_numpy(float), frame["vote"].to_numpy(int)


def _fair() -> Rows:
    """Whether a married woman has had an affair (Fair 1978)."""
    from statsmodels.datasets import fair

    frame = fair.load_pandas().data
    return frame.drop(columns="affairs").to_numpy(float), (frame["affairs"] > 0).to_numpy(int)


def _star98() -> Rows:
    """The share of pupils above the median in Californian school districts."""
    from statsmodels.datasets import star98

    frame = star98.load_pandas().data
    above, below = frame.pop("NABOVE"), frame.pop("NBELOW")
    return frame.to_numpy(float), (above / (above + below)).to_numpy(float)


CLASSES: Mapping[str, Callable[[], Rows]] = {
    "breast-cancer": lambda: datasets.load_breast_cancer(return_X_y=True),
    "digits": lambda: datasets.load_digits(return_X_y=True),
    "anes96": _anes96,
    "fair": _fair,
    "moons": lambda: datasets.make_moons(600, noise=0.3, random_state=0),
}
AMOUNTS: Mapping[str, Callable[[], Rows]] = {
    "diabetes": lambda: datasets.load_diabetes(return_X_y=True),
    "star98": _star98,
    "friedman1": lambda: datasets.make_friedman1(500, noise=1.0, random_state=0),
}
DATA = {**CLASSES, **AMOUNTS}


def _scaled(model: Any) -> Any:
    return make_pipeline(StandardScaler(), model)


def _realmlp(kind: str) -> Any:
    """RealMLP with its tuned defaults, of the package that its authors keep."""
    pytabkit = importlib.import_module("pytabkit")
    return getattr(pytabkit, f"RealMLP_TD_{kind}")(random_state=0, device="cpu")


CLASSIFIERS: Mapping[str, Callable[[], Any]] = {
    "wane.RegularizedMLPClassifier": wane.RegularizedMLPClassifier,
    "LogisticRegressionCV": lambda: _scaled(
        LogisticRegressionCV(scoring="neg_log_loss", max_iter=1000)
    ),
    "HistGradientBoostingClassifier": lambda: HistGradientBoostingClassifier(random_state=0),
    "MLPClassifier": lambda: _scaled(MLPClassifier(random_state=0)),
    **({"RealMLP_TD_Classifier": lambda: _realmlp("Classifier")} if REALMLP else {}),
}
REGRESSORS: Mapping[str, Callable[[], Any]] = {
    "wane.RegularizedMLPRegressor": wane.RegularizedMLPRegressor,
    "RidgeCV": lambda: _scaled(RidgeCV(np.logspace(-3, 3, 13))),
    "HistGradientBoostingRegressor": lambda: HistGradientBoostingRegressor(random_state=0),
    "MLPRegressor": lambda: TransformedTargetRegressor(
        _scaled(MLPRegressor(random_state=0)), transformer=StandardScaler()
    ),
    **({"RealMLP_TD_Regressor": lambda: _realmlp("Regressor")} if REALMLP else {}),
}


def estimators_compared(names: Sequence[str], *, quick: bool) -> tuple[EstimatorReading, ...]:
    """Every estimator on these data sets, each by cross-validation on the same folds."""
    found: list[EstimatorReading] = []
    for name in names:
        several = CLASSIFIERS if name in CLASSES else REGRESSORS
        x, y = DATA[name]()
        if quick:
            order = np.random.default_rng(0).permutation(len(y))[:60]
            x, y = x[order], y[order]
        for title, make in several.items():
            found.append(_reading(name, title, make, x, y, quick=quick))
            note(f"estimators: {name}, {title}: {found[-1].loss:.4g}, {found[-1].seconds:.3g} s")
    return tuple(found)


def _reading(
    name: str, title: str, make: Callable[[], Any], x: np.ndarray, y: np.ndarray, *, quick: bool
) -> EstimatorReading:
    """One estimator on one data set."""
    folds = list(_folds(name, x, y, 2 if quick else FOLDS))
    scores, losses, seconds = [], [], []
    for train, test in folds:
        model = make()
        if quick and title.startswith("wane."):
            model.set_params(epochs=2, repeats=2)
        with warnings.catch_warnings():
            # MLPClassifier stops at 200 epochs by default, which is what is measured, and
            # LogisticRegressionCV says what it will call things later.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", FutureWarning)
            if title.startswith("RealMLP"):  # its own packages warn of each other
                warnings.simplefilter("ignore")
            began = time.process_time()
            model.fit(x[train], y[train])
            seconds.append(time.process_time() - began)
        if name in CLASSES:
            scores.append(accuracy_score(y[test], model.predict(x[test])))
            shares = model.predict_proba(x[test])
            losses.append(log_loss(y[test], shares, labels=model.classes_))
        else:
            predicted = model.predict(x[test])
            scores.append(r2_score(y[test], predicted))
            losses.append(root_mean_squared_error(y[test], predicted))
    return EstimatorReading(
        data=name,
        rows=len(y),
        features=x.shape[1],
        estimator=title,
        score=statistics.fmean(scores),
        loss=statistics.fmean(losses),
        loss_error=statistics.stdev(losses) / len(losses) ** 0.5,
        first_seconds=seconds[0],
        seconds=statistics.median(seconds[1:]),
    )


def _folds(name: str, x: np.ndarray, y: np.ndarray, count: int) -> Iterator[Any]:
    splitter = StratifiedKFold if name in CLASSES else KFold
    return iter(splitter(count, shuffle=True, random_state=0).split(x, y))


def estimators_table(readings: Sequence[EstimatorReading]) -> str:
    """The table of ``docs/scikit-learn.md``, with what was not run."""
    parts = []
    for several, score, loss in (
        (CLASSES, "accuracy", "log loss"),
        (AMOUNTS, "R²", "RMSE"),
    ):
        own = [one for one in readings if one.data in several]
        if not own:
            continue
        parts += [
            f"| data | estimator | {score} | {loss} (standard error) | first fit, s "
            f"| other fits, s |",
            "|---|---|---|---|---|---|",
        ]
        lowest = {one.data: one.loss for one in sorted(own, key=lambda one: -one.loss)}
        parts += [_row(one, best=one.loss == lowest[one.data]) for one in own]
        parts.append("")
    missing = "TabPFN, which loads its weights from the network"
    if not any(one.estimator.startswith("RealMLP") for one in readings):
        missing += ", and RealMLP, for which pytabkit was not installed (it brings PyTorch)"
    machine = description()
    parts.append(
        f"Not run: {missing}. Measured on {machine['processor']} (cores: {machine['cores']}), "
        f"scikit-learn {machine['scikit-learn']}, Keras {machine['keras']}, JAX {machine['jax']}."
    )
    return "\n".join(parts)


def _row(one: EstimatorReading, *, best: bool) -> str:
    digits = max(0, 3 - len(str(int(abs(one.loss)))) + (abs(one.loss) < 1))
    loss = f"{one.loss:.{digits}f} ({one.loss_error:.{digits}f})"
    cells = (
        f"{one.data} ({one.rows:,} × {one.features})",
        f"`{one.estimator}`",
        f"{one.score:.3f}",
        f"**{loss}**" if best else loss,
        f"{one.first_seconds:.2f}",
        f"{one.seconds:.2f}",
    )
    return f"| {' | '.join(cells)} |"
