"""The classifier."""

import dataclasses
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from wane._errors import InputError, listed
from wane.estimators.base import RegularizedMLP
from wane.keras_model.bridge.task import task_of
from wane.study.measures.scorers import class_shares


class RegularizedMLPClassifier(ClassifierMixin, RegularizedMLP):  # type: ignore[misc] # scikit-learn has no types
    """A network for classes whose penalty and strength a study chooses, for scikit-learn.

    ``fit`` trains the baseline and every strength on several splits of the rows, chooses by the
    data loss of validation rows, and trains the chosen one again on all rows. Inputs are prepared
    as ``wane study`` prepares a table's numbers: gaps (NaN) are filled with the median of the
    training rows, with an indicator for each feature that has some, and all are standardized.
    What is learnt from rows is learnt from the training rows of each split alone.

    Args:
        model: None for a network of dense layers with rectified linear units, or a function
            ``model(n_features, n_outputs)`` that returns a compiled Keras model; it is asked for
            one output for two classes and for one per class beyond.
        hidden_layer_sizes: units of each hidden layer, where there is no model.
        penalty: ``"l2"``, or another name of wane's penalties (``"l1"``, ``"l1l2"``,
            ``"group-lasso"``, ``"weight-decay"``, ``"orthogonality"``).
        strengths: of the penalty, one candidate each; nine from 1e-4 to 1 by default.
        layers: what it acts on: ``"hidden"`` layers, as in ``wane study``, ``"output"``, ``"all"``
            or a glob on names.
        validation: the share of rows that validates, or a splitter of scikit-learn.
        repeats: splits, each with its own seed; 5, or as many as the splitter has, by default.
        epochs: as in ``keras.Model.fit``.
        batch_size: likewise; ``"auto"`` takes a 32nd of the rows, at least 32 and at most 200.
        optimizer, learning_rate: of Keras, by name, where there is no model.
        standardize: whether inputs are prepared as above; else the network takes them as they are,
            and there may be no gaps.
        study_options: what else :class:`wane.Study` takes, such as ``{"extend": True,
            "references": None}``; by default a fit trains the candidates and nothing more.
        random_state: the study's seed: the same number gives the same bits. None draws one.
        verbose: whether to show a progress bar.

    Attributes:
        penalty_: the chosen penalty with its strength, such as ``L2(0.01)``; None for none, or a
            tuple of several changes.
        strength_: its strength, 0.0 for none.
        verdict_: what the study says, a :class:`wane.Verdict`.
        result_: the study's :class:`wane.Result`; it is not in pickles.
        cv_results_: the candidates under the keys of ``GridSearchCV``.
        model_: the compiled Keras model, trained on all rows; it takes what ``transformer_`` gives.
        transformer_: the fitted transformer of the inputs, or None.
        classes_: the labels, sorted, [classes].
        n_features_in_: how many features there are.
        feature_names_in_: their names, where X had names.

    Raises:
        InputError: at ``fit``, if something cannot be used; it is a ``ValueError``.

    Example:
        >>> import wane
        >>> from sklearn.datasets import load_iris
        >>> x, y = load_iris(return_X_y=True)
        >>> classifier = wane.RegularizedMLPClassifier(epochs=20, repeats=2).fit(x, y)
        >>> classifier.predict_proba(x).shape
        (150, 3)
        >>> len(classifier.cv_results_["params"])
        10
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:  # noqa: N803 # scikit-learn's name
        """Run the study and train what it chose on all rows.

        Args:
            X: numbers, [rows, features], as an array or a data frame.
            y: a label for each row, [rows].
            sample_weight: a weight of each row, [rows]: two is the same as two copies of the row,
                and zero as none.
            groups: a label of each row, [rows], such as its patient: no group is on both sides of
                a split. By metadata routing with ``set_fit_request(groups=True)``.

        Returns:
            The estimator itself.

        Raises:
            InputError: if rows, labels or settings cannot be used.

        Example:
            >>> len(classifier.fit(x, y, groups=[row % 50 for row in range(150)]).classes_)
            3
        """
        x, labels = self._checked(X, y, ensure_min_samples=2)
        check_classification_targets(labels)
        rows = self._rows(x, np.unique(labels, return_inverse=True)[1], sample_weight, groups)
        kept = np.unique(rows.y)
        if len(kept) < 2:
            raise InputError(
                f"y has one class, {listed(np.unique(labels)[kept])}, in the rows that count: a "
                f"classifier needs at least two."
            )
        self.classes_ = np.unique(labels)
        names = [str(label) for label in self.classes_]
        if len(names) == 2:
            rows = dataclasses.replace(rows, y=rows.y.astype(np.float32))
            return self._fitted(rows, "binary", 1, names)
        return self._fitted(rows, "multiclass", len(names), names)

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803 # scikit-learn's name
        """The most probable class of each row.

        Args:
            X: as for ``fit``, [rows, features].

        Returns:
            Labels, [rows].

        Example:
            >>> classifier.predict(x).shape
            (150,)
        """
        found = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[found])

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803 # scikit-learn's name
        """The probability of each class.

        Args:
            X: as for ``fit``, [rows, features].

        Returns:
            Float64, [rows, classes], in the order of ``classes_``; a row's sum is 1.

        Example:
            >>> classifier.predict_proba(x)[:2].sum(axis=1).round(6)
            array([1., 1.])
        """
        outputs = self._outputs(X)
        return class_shares(task_of(self.model_, outputs), outputs)
