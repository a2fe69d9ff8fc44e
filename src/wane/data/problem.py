"""What a data set is once it is ready for a study."""

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wane.data.account import Account
from wane.data.networks import NETWORKS
from wane.penalties import decades
from wane.resampling import Fresh, Subsample

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """A data set made ready for a study.

    Args:
        name: what tables and figures call it.
        shows: what an example shows, in a phrase.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        x: inputs, float32 [rows, inputs] (or images or sequences, [rows, …]); a data frame
            [rows, columns] where there is a transform.
        y: targets [rows]: float32 of 0 and 1 (binary), int32 positions in ``class_names``
            (multiclass), or float32 in the target's own unit (regression).
        validation: as :class:`wane.Study` takes it. A :class:`wane.Fresh` stands in place of ``x``
            and ``y``.
        fresh: how new rows are drawn for each repeat; None where they cannot be.
        test: arrays ``(x, y)``, a fraction of the rows, or None.
        transform: an unfitted scikit-learn transformer from ``x`` to float32 [rows, inputs], which
            the study fits on the training rows of each split; None where ``x`` is used as it is.
            The number of inputs that it makes is the same whichever rows it is fitted on.
        standardize_target: whether the study centres and scales ``y`` by the training rows of each
            split (regression).
        groups, time, gap: the labels of groups, or the times, of rows, and the rows left out
            between earlier and later parts, as :class:`wane.Study` takes them.
        feature_names: a name for each column of ``x``; empty for images and sequences.
        class_names: the labels as the data had them, sorted; empty for regression.
        log_shift: what was added to the target before its logarithm was taken, 0 or 1; None where
            the target is used as it is.
        notes: sentences on how the data were cleaned, for the user to read.
        reading: how new rows are read, in plain values (see :func:`wane.data.describe`); empty
            where they are arrays as they stand, or columns of numbers.
        account: what is in a file's data; None where nobody has drawn it up.
        network: the kind of network that suits it, a name in :data:`NETWORKS`.
        epochs, repeats, batch_size, hidden, strengths: what the command line uses by default;
            ``hidden`` is the size of each hidden layer.

    Example:
        >>> import pandas as pd, tempfile, wane.data
        >>> rows = range(60)
        >>> table = pd.DataFrame({"size": rows, "price": [float(i % 7 + i) for i in rows]})
        >>> file = f"{tempfile.mkdtemp()}/prices.csv"
        >>> table.to_csv(file, index=False)
        >>> problem = wane.data.read_table(file, "price", keep=["size"])
        >>> isinstance(problem, wane.data.Problem), problem.task, problem.feature_names
        (True, 'regression', ('size',))
    """

    name: str
    shows: str = ""
    task: str
    x: "np.ndarray | pd.DataFrame"
    y: "np.ndarray"
    validation: "tuple[np.ndarray, np.ndarray] | float | Any"
    fresh: Fresh | None = None
    test: "tuple[np.ndarray, np.ndarray] | float | None"
    transform: Any = None
    standardize_target: bool = False
    groups: "pd.Series | None" = None
    time: "pd.Series | None" = None
    gap: int = 0
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    log_shift: int | None = None
    notes: tuple[str, ...] = ()
    reading: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    account: Account | None = None
    network: str = "dense"
    epochs: int = 200
    repeats: int = 20
    batch_size: int = 32
    hidden: tuple[int, ...] = (500,)
    strengths: tuple[float, ...] = decades(1e-6, 1e-1)

    @property
    def ties(self) -> dict[str, Any]:
        """Groups, times and gap, as :class:`wane.Study` takes them.

        Example:
            >>> problem.ties
            {'groups': None, 'time': None, 'gap': 0}
        """
        return {"groups": self.groups, "time": self.time, "gap": self.gap}

    def networks(self) -> tuple[str, ...]:
        """The kinds of network that read its rows, its own one first.

        Example:
            >>> problem.networks()
            ('dense',)
        """
        axes = 1 if self.transform is not None else self.x.ndim - 1
        fit = [name for name, kind in NETWORKS.items() if axes in kind.axes]
        return tuple(sorted(fit, key=lambda name: name != self.network))

    def row_counts(self) -> dict[str, int]:
        """Training, validation and test rows of one repeat, where ``validation`` gives them.

        Example:
            >>> problem.row_counts()  # the study takes validation rows of these
            {'train': 60, 'validation': 0, 'test': 12}
        """
        train, validation = len(self.y), 0
        if isinstance(self.validation, Fresh | Subsample):
            train, validation = self.validation.train, self.validation.validation
        elif isinstance(self.validation, tuple):
            validation = len(self.validation[1])
        test = 0
        if isinstance(self.test, tuple):
            test = len(self.test[1])
        elif self.test is not None:
            test = math.ceil(self.test * len(self.y))
        return {"train": train, "validation": validation, "test": test}

    def splits(self) -> str:
        """How its repeats differ in their rows, in a phrase.

        Example:
            >>> problem.splits()
            'another part of the rows for each repeat'
        """
        if isinstance(self.validation, Fresh):
            return "new rows for each repeat"
        if isinstance(self.validation, Subsample | float):
            return "another part of the rows for each repeat"
        return "the same rows for each repeat"
