"""What both estimators share: the study that tunes, the fitted network, and pickles."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from wane._errors import InputError, nearest, whole_number
from wane.data.networks import default_network
from wane.estimators.rows import FittedRows, SingleRowsTrain, as_weighted, standardizing, table_of
from wane.estimators.stored import model_bytes, model_of
from wane.estimators.tables import chosen_of, cv_results, penalty_of
from wane.keras_model.backend.choice import require_jax
from wane.keras_model.copies import Model, is_model
from wane.penalties import CATALOGUE, Candidate, strength_of, sweep
from wane.study import Study

STRENGTHS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
"""Two for each order of magnitude: one for each is too coarse where it is one choice of few."""
REPEATS = 5
"""Of each candidate, unless ``validation`` is a splitter, which has its own number."""
SMALLEST_BATCH, LARGEST_BATCH = 32, 200
"""The ends between which ``batch_size="auto"`` is a 32nd of the rows."""
AT_ONCE = 256
"""Rows that are predicted together. There are always as many, the last ones filled up, so that a
row's prediction does not depend on which rows it comes with."""
_STUDY = {
    "learning_curve": False,
    "retraining": False,
    "extend": False,
    "references": False,
}
"""What a fit leaves out unless ``study_options`` asks for it: it says more, and chooses nothing."""
_OWN = {"self", "model", "x", "y", "groups", "sample_weight", "transform", "class_names", "seed"}
_OWN |= {"validation", "repeats", "epochs", "batch_size"}
"""Arguments of a study that are given to the estimator itself."""
LARGEST_SEED = 2**31 - 1


class RegularizedMLP(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A network whose penalty a study chooses; see the two estimators."""

    def __init__(
        self,
        model: Callable[[int, int], Model] | None = None,
        *,
        hidden_layer_sizes: Sequence[int] = (100,),
        penalty: str = "l2",
        strengths: Sequence[float] = STRENGTHS,
        layers: str = "hidden",
        validation: Any = 0.25,
        repeats: int | None = None,
        epochs: int = 100,
        batch_size: int | str = "auto",
        optimizer: str = "adam",
        learning_rate: float | None = None,
        standardize: bool = True,
        study_options: Mapping[str, Any] | None = None,
        random_state: Any = 0,
        verbose: bool = False,
    ) -> None:
        self.model = model
        self.hidden_layer_sizes = hidden_layer_sizes
        self.penalty = penalty
        self.strengths = strengths
        self.layers = layers
        self.validation = validation
        self.repeats = repeats
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.standardize = standardize
        self.study_options = study_options
        self.random_state = random_state
        self.verbose = verbose

    def _checked(self, X: Any, y: Any = "no_validation", **others: Any) -> Any:  # noqa: N803 # scikit-learn's name
        """Inputs as float64 [rows, features], and targets, as scikit-learn checks them."""
        finite = "allow-nan" if self.standardize else True
        return validate_data(self, X, y, dtype=np.float64, ensure_all_finite=finite, **others)

    def _rows(self, x: np.ndarray, y: np.ndarray, weight: Any, groups: Any) -> FittedRows:
        """The rows of a fit, as its study takes them.

        Args:
            x, y: checked; y numbers of classes or amounts.
            weight, groups: as given.
        """
        if weight is not None:
            weight = _check_sample_weight(weight, x, dtype=np.float64, ensure_non_negative=True)
        if groups is not None:
            groups = np.asarray(groups)
            if groups.shape != (len(x),):
                raise InputError(
                    f"groups must have a label for each of the {len(x)} rows, got an array of "
                    f"shape {groups.shape}."
                )
        return as_weighted(FittedRows(x, y, weight, groups))

    def _fitted(
        self, rows: FittedRows, task: str, outputs: int, class_names: Sequence[str] = ()
    ) -> Self:
        """Run the study of these rows and take what it chose.

        Args:
            rows: as :meth:`_rows` gives them.
            task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
            outputs: of the network.
            class_names: the classes by number.
        """
        x: Any = rows.x.astype(np.float32)
        transform, inputs = None, x.shape[1]
        if self.standardize:
            x = table_of(rows.x, getattr(self, "feature_names_in_", None))
            transform, inputs = standardizing(x)
        given: dict[str, Any] = {
            "candidates": self._candidates(),
            "standardize_target": task == "regression" and self.model is None,
            "name": type(self).__name__,
            **_STUDY,
            **_checked_options(self.study_options),
        }
        require_jax()
        seed = self._seed()
        study = Study(
            self._network(task, inputs, outputs),
            x,
            rows.y,
            validation=self._validation(rows, task, given, seed),
            groups=rows.groups,
            repeats=self._repeats(given),
            epochs=self.epochs,
            batch_size=self._batch_size(len(rows.y)),
            seed=seed,
            sample_weight=rows.weight,
            transform=transform,
            class_names=class_names,
            **given,
        )
        result = study.run(progress=bool(self.verbose))
        kind = result._finished.bridge.task.kind
        if kind != task and (kind == "regression" or task == "regression"):
            raise InputError(
                f"The network that model gives has a loss for {kind}, and "
                f"{type(self).__name__} needs one for {task}: compile it with another loss."
            )
        self.model_ = result.best_model()
        self.transformer_ = result.best_transform()
        chosen = chosen_of(result)
        self.penalty_, self.strength_ = penalty_of(chosen), strength_of(chosen)
        self.cv_results_ = cv_results(result)
        self.verdict_ = result.verdict
        self.result_ = result
        return self

    def _candidates(self) -> tuple[Candidate, ...]:
        """Every strength of the penalty."""
        name = self.penalty.casefold() if isinstance(self.penalty, str) else None
        if name not in CATALOGUE:
            raise InputError(
                f"There is no penalty {self.penalty!r}: {nearest(str(self.penalty), CATALOGUE)}"
            )
        return sweep(CATALOGUE[name], self.strengths, layers=self.layers)

    def _network(self, task: str, inputs: int, outputs: int) -> Model:
        """The compiled network, with weights that no run begins with."""
        if self.model is None:
            return default_network(
                inputs,
                task=task,
                classes=outputs,
                hidden=_sizes(self.hidden_layer_sizes),
                optimizer=self.optimizer,
                learning_rate=self.learning_rate,
            )
        made = self.model(inputs, outputs) if _is_function(self.model) else None
        if not is_model(made):
            raise InputError(
                f"model must be a function of (n_features, n_outputs) that returns a compiled "
                f"Keras model, got {made if _is_function(self.model) else self.model!r}."
            )
        units = (getattr(made, "output_shape", None) or (outputs,))[-1]
        if units != outputs and (task, units) != ("binary", 2):
            raise InputError(
                f"model was asked for {outputs} outputs and returned a network of {units}: take "
                f"the number from its second argument, n_outputs."
            )
        return made

    def _repeats(self, given: Mapping[str, Any]) -> int | None:
        """How many repeats the study has; None where splits or looks say it."""
        by_itself = given.get("minutes") is not None or given.get("until_decided")
        if self.repeats is not None or by_itself or not isinstance(self.validation, float):
            return self.repeats
        return REPEATS

    def _batch_size(self, rows: int) -> Any:
        """Rows of a batch: of many rows more, so that an epoch has about as many steps."""
        if isinstance(self.batch_size, str) and self.batch_size == "auto":
            return min(LARGEST_BATCH, max(SMALLEST_BATCH, rows // SMALLEST_BATCH))
        return self.batch_size

    def _validation(self, rows: FittedRows, task: str, given: Mapping[str, Any], seed: int) -> Any:
        """Where validation rows come from: never from a class of one row."""
        repeats = self._repeats(given)
        free = isinstance(self.validation, float) and rows.groups is None and repeats is not None
        if free and task != "regression" and SingleRowsTrain.needed(rows.y):
            count = whole_number(repeats, "repeats", least=1)
            return SingleRowsTrain(self.validation, count, seed)
        return self.validation

    def _seed(self) -> int:
        """The study's seed: ``random_state`` itself where it is a number."""
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(LARGEST_SEED))

    def _outputs(self, X: Any) -> np.ndarray:  # noqa: N803 # scikit-learn's name
        """What the fitted network gives for new rows, float64 [rows, outputs]."""
        check_is_fitted(self, "model_")
        x = self._checked(X, reset=False)
        if self.transformer_ is not None:
            names = self.transformer_.feature_names_in_
            x = self.transformer_.transform(table_of(x, names))
        filled = np.zeros((len(x) + -len(x) % AT_ONCE, x.shape[1]), np.float32)
        filled[: len(x)] = x
        outputs = self.model_.predict(filled, batch_size=AT_ONCE, verbose=0)[: len(x)]
        return np.asarray(outputs, np.float64).reshape(len(x), -1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = bool(self.standardize)
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """The estimator without its study's runs, and its model as a ``.keras`` file's bytes."""
        state = dict(super().__getstate__())
        state.pop("result_", None)
        if "model_" in state:
            state["model_"] = model_bytes(state["model_"])
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        state = dict(state)
        if "model_" in state:
            state["model_"] = model_of(state["model_"])
        super().__setstate__(state)

    def __getattr__(self, name: str) -> Any:
        """Say why ``result_`` is not there; it is asked for what is not found only."""
        if name == "result_" and "model_" in vars(self):
            raise AttributeError(
                "result_ is not in pickles and copies, since it holds every run of the study: "
                "verdict_ and cv_results_ are; fit again for the rest."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _checked_options(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Further arguments of the study, if it takes them and the estimator itself does not."""
    options = dict(given or {})
    known = set(inspect.signature(Study).parameters) - _OWN
    for name in options:
        if name in _OWN:
            raise InputError(
                f"study_options has {name!r}, which is given to the estimator or to fit itself."
            )
        if name not in known:
            raise InputError(f"study_options has {name!r}: {nearest(name, sorted(known))}")
    return options


def _is_function(model: Any) -> bool:
    """Whether this is a function that makes a model, and no model, which can be called too."""
    return callable(model) and not is_model(model)


def _sizes(given: Any) -> tuple[int, ...]:
    """Units of each hidden layer, of one or of several."""
    try:
        sizes = tuple(given) if np.ndim(given) else (given,)
    except (TypeError, ValueError):
        sizes = ()
    return tuple(int(n) if isinstance(n, np.integer) else n for n in sizes)
