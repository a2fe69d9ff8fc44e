"""The regressor."""

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from wane.estimators.base import RegularizedMLP


class RegularizedMLPRegressor(RegressorMixin, RegularizedMLP):  # type: ignore[misc] # scikit-learn has no types
    """A network for amounts whose penalty and strength a study chooses, for scikit-learn.

    All is as in :class:`wane.RegularizedMLPClassifier`, and its arguments are the same; the network
    has one linear output. Where wane makes the network, the target is centred and scaled by the
    training rows of each split; of a ``model`` it stays as it is, unless ``study_options`` has
    ``{"standardize_target": True}``.

    Attributes:
        penalty_, strength_, verdict_, result_, cv_results_, transformer_, n_features_in_,
            feature_names_in_: as of :class:`wane.RegularizedMLPClassifier`.
        model_: the compiled Keras model, trained on all rows; it takes what ``transformer_`` gives
            and predicts in the target's own unit.

    Raises:
        InputError: at ``fit``, if something cannot be used; it is a ``ValueError``.

    Example:
        >>> import wane
        >>> from sklearn.datasets import load_diabetes
        >>> x, y = load_diabetes(return_X_y=True)
        >>> regressor = wane.RegularizedMLPRegressor(epochs=20, repeats=2).fit(x, y)
        >>> regressor.predict(x).shape
        (442,)
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:  # noqa: N803 # scikit-learn's name
        """Run the study and train what it chose on all rows.

        Args:
            X: numbers, [rows, features], as an array or a data frame.
            y: an amount for each row, [rows].
            sample_weight: a weight of each row, [rows]: two is the same as two copies of the row,
                and zero as none.
            groups: a label of each row, [rows], such as its patient: no group is on both sides of
                a split. By metadata routing with ``set_fit_request(groups=True)``.

        Returns:
            The estimator itself.

        Raises:
            InputError: if rows or settings cannot be used.

        Example:
            >>> regressor.fit(x, y).n_features_in_
            10
        """
        x, targets = self._checked(X, y, ensure_min_samples=2, y_numeric=True)
        rows = self._rows(x, np.asarray(targets, np.float64), sample_weight, groups)
        return self._fitted(rows, "regression", 1)

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803 # scikit-learn's name
        """The amount of each row.

        Args:
            X: as for ``fit``, [rows, features].

        Returns:
            Float64, [rows], in the target's own unit.

        Example:
            >>> regressor.predict(x[:3]).shape
            (3,)
        """
        return self._outputs(X)[:, 0]
