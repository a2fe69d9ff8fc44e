"""What a study is: one model, one data set, the candidates, and how to evaluate them."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from wane._errors import InputError, listed, one_line, whole_number
from wane.keras_model.backend import require_jax
from wane.keras_model.copies import ModelSource
from wane.penalties import Candidate, Change, candidate_names
from wane.resampling.arguments import Test, Validation, data_set
from wane.resampling.dataset import DataSet
from wane.resampling.examples import Examples
from wane.resampling.splits import DEFAULT_REPEATS, is_splitter
from wane.study.spec.candidates import with_baseline
from wane.study.spec.documents import (
    Recorded,
    candidate_of,
    change_document,
    object_document,
    rows_document,
    rows_of,
    select_by_document,
    select_by_of,
)
from wane.study.spec.looks import check_plan, most_repeats
from wane.study.spec.optimizer_state import checked_optimizer_state
from wane.study.spec.scorers import Scorers, checked_scorers, scorers_of
from wane.study.spec.selection import checked_matters, stopped_by_judges

LARGEST_SEED = 2**32 - 1
"""As NumPy and scikit-learn take it."""
_PLAIN = (
    "name",
    "epochs",
    "batch_size",
    "shuffle",
    "seed",
    "initial_weights",
    "optimizer_state",
    "standardize_target",
    "learning_curve",
    "refine",
    "halving",
    "matters",
)
"""Fields that JSON holds as they are."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class StudySpec:
    """The checked specification of a study: what :class:`wane.Study` was called with.

    ``study.json`` holds :meth:`to_dict`, and :meth:`from_dict` reads it back. JSON holds no arrays,
    models or functions: what is read back names them, and :meth:`wane.Study.from_spec` takes them
    anew and checks that they are the same.

    Attributes:
        candidates: what is evaluated, the baseline first.
        epochs, batch_size, shuffle, seed, initial_weights, optimizer_state, select_by, matters,
            learning_curve, retraining, refine, halving, until_decided, minutes, class_names, name:
            as :class:`wane.Study` takes them.
        repeats: runs of each candidate, or the most of them; None where the splits say how many.
        validation, test: as given.
        scoring: scikit-learn's scorers by name.
        callbacks: Keras's, as given.
        transform, standardize_target, class_weight: as given.
        methods: of a comparison, the candidates of each method by its name.
        ineligible: candidates that may not be chosen, since the rows that would choose them have
            chosen when they stop.
        model: the model or the function that returns one; None where the spec was read back.
        dataset: all rows; None where the spec was read back.
        rows: how many rows each part has.
        data_sha256: a fingerprint of each part's values.
        describe_transform: gives a JSON-able account of a fitted transform, for
            ``preprocessing.json``; for the command line.

    Example:
        >>> import wane
        >>> document = {
        ...     "name": "study", "epochs": 10, "batch_size": 32, "shuffle": True, "seed": 0,
        ...     "initial_weights": "fresh", "optimizer_state": "fresh", "repeats": 5,
        ...     "standardize_target": False, "learning_curve": True, "refine": False,
        ...     "halving": False, "matters": None, "validation": {"fraction": 0.25},
        ...     "candidates": {"L2(0.001)": [{"penalty": "l2", "strengths": [0.001],
        ...                                   "layers": "all", "on": ["kernel", "recurrent"]}]},
        ... }
        >>> wane.StudySpec.from_dict(document).names
        ('baseline', 'L2(0.001)')
    """

    candidates: tuple[Candidate, ...]
    epochs: int
    batch_size: int = 32
    shuffle: bool = True
    seed: int = 0
    repeats: int | None = None
    initial_weights: str = "auto"
    optimizer_state: str = "fresh"
    validation: Validation | Recorded = 0.25
    test: Test | Recorded | None = None
    select_by: str | tuple[str, str] | None = None
    matters: float | None = None
    scoring: Scorers = dataclasses.field(default_factory=dict)
    callbacks: tuple[Any, ...] = ()
    transform: Any = None
    standardize_target: bool = False
    class_weight: Mapping[int, float] | None = None
    learning_curve: bool = True
    retraining: bool | None = None
    refine: bool = False
    halving: bool = False
    until_decided: bool = False
    minutes: float | None = None
    class_names: tuple[str, ...] = ()
    name: str = "study"
    methods: Mapping[str, tuple[Candidate, ...]] = dataclasses.field(default_factory=dict)
    ineligible: tuple[Candidate, ...] = ()
    model: ModelSource | None = None
    dataset: DataSet | None = None
    rows: Mapping[str, int] = dataclasses.field(default_factory=dict)
    data_sha256: Mapping[str, str] = dataclasses.field(default_factory=dict)
    describe_transform: Callable[[Any], Mapping[str, Any]] | None = None

    @classmethod
    def of(
        cls,
        model: Any,
        given: tuple[Any, Any, Any],
        *,
        candidates: Sequence[Candidate | Change] | None,
        class_weight: Mapping[int, float] | None,
        repeats: int | None,
        seed: int,
        **others: Any,
    ) -> Self:
        """The specification of a study, from the arguments of :class:`wane.Study`, checked.

        Args:
            model: the model or the function that returns one.
            given: x, y and sample_weight.
            candidates, class_weight, repeats, seed, others: as :class:`wane.Study` takes them.

        Returns:
            The specification, with its model and rows.

        Raises:
            InputError: if anything does not fit together.
        """
        require_jax()
        if given[2] is not None and class_weight is not None:
            raise InputError("Give sample_weight or class_weight, not both (as in Keras's fit).")
        checked = with_baseline(candidates)
        candidate_names(checked)  # refuses candidates that are there twice
        settings = _checked(others)
        seed = whole_number(seed, "seed", least=0, most=LARGEST_SEED)
        repeats = None if repeats is None else whole_number(repeats, "repeats", least=1)
        check_plan(settings, repeats)
        if repeats is None and not is_splitter(others["validation"]):
            repeats = most_repeats(settings)
        data = data_set(
            given,
            class_weight=class_weight,
            repeats=repeats or DEFAULT_REPEATS,
            seed=seed,
            **{name: others[name] for name in _OF_ROWS},
        )
        parts = _parts(data)
        test_rows = 0 if data.test is None else len(data.test)
        return cls(
            model=model,
            dataset=data,
            candidates=checked,
            ineligible=stopped_by_judges(checked, test_rows),
            class_weight=data.class_weight,
            repeats=repeats,
            seed=seed,
            rows={part: 0 if rows is None else len(rows) for part, rows in parts.items()},
            data_sha256={part: rows.sha256() for part, rows in parts.items() if rows is not None},
            **settings,
        )

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the candidates."""
        return candidate_names(self.candidates)

    @property
    def data(self) -> DataSet:
        """The rows.

        Raises:
            InputError: if the spec was read back, and so has none.
        """
        if self.dataset is None:
            raise InputError(
                "A specification that was read from study.json has no model and no rows: give them "
                "with wane.Study.from_spec(spec, model, x, y)."
            )
        return self.dataset

    def with_candidates(
        self,
        candidates: Sequence[Candidate | Change],
        *,
        methods: Mapping[str, tuple[Candidate, ...]] | None = None,
        ineligible: Sequence[Candidate] = (),
    ) -> Self:
        """The same study of other candidates, without the training on fewer rows.

        Args:
            candidates: in the place of the present ones.
            methods, ineligible: see the attributes.

        Returns:
            Another specification; this one stays as it is.

        Raises:
            InputError: if they are no candidates, or two are the same.
        """
        checked = with_baseline(candidates)
        candidate_names(checked)
        return dataclasses.replace(
            self,
            candidates=checked,
            methods=dict(methods or {}),
            ineligible=tuple(ineligible),
            learning_curve=False,
            refine=False,
            halving=False,
        )

    def with_more(self, candidates: Sequence[Candidate]) -> Self:
        """The same study with further candidates, which tables show among the others.

        Args:
            candidates: more of them, all tuples of changes.

        Returns:
            Another specification; this one stays as it is.
        """
        return dataclasses.replace(self, candidates=(*self.candidates, *candidates))

    def to_dict(self) -> dict[str, Any]:
        """The study as ``study.json`` has it; :meth:`from_dict` reads it back."""
        names = dict(zip(self.candidates, self.names, strict=True))
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "candidates": {
                name: [change_document(change) for change in candidate]
                for candidate, name in names.items()
            },
            "methods": {
                method: [names[candidate] for candidate in candidates]
                for method, candidates in self.methods.items()
            },
            "ineligible": [names[candidate] for candidate in self.ineligible],
            "repeats": self.repeats,
            "until_decided": self.until_decided,
            "minutes": self.minutes,
            "retraining": self.retraining,
            "validation": rows_document(self.validation),
            "test": rows_document(self.test),
            "select_by": select_by_document(self.select_by),
            "scoring": list(self.scoring),
            "callbacks": [
                one.document if isinstance(one, Recorded) else type(one).__name__
                for one in self.callbacks
            ],
            "transform": object_document(self.transform),
            "class_weight": None
            if self.class_weight is None
            else {str(label): weight for label, weight in self.class_weight.items()},
            "class_names": list(self.class_names),
            "rows": dict(self.rows),
            "data_sha256": dict(self.data_sha256),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The specification that :meth:`to_dict` wrote, without model and rows.

        Args:
            document: ``study.json``, or a dictionary of the same keys; others are passed over.

        Returns:
            The specification; :meth:`missing` says what it lacks beside model and rows.

        Raises:
            InputError: if it is no study's, or one of another version.
        """
        if not isinstance(document, Mapping):
            raise InputError(f"A study's document is a dictionary, got {type(document).__name__}.")
        lacking = [n for n in (*_PLAIN, "candidates", "validation") if n not in document]
        if lacking:
            raise InputError(
                f"The document lacks {listed(lacking)}, so it is no study of this version of wane: "
                f"give what study.json holds."
            )
        try:
            spec = cls(**_fields(document))
        except (AttributeError, KeyError, TypeError) as error:
            raise InputError(
                f"The document is no study of this version of wane ({one_line(error)}): give what "
                f"study.json holds."
            ) from error
        _checked({name: getattr(spec, name) for name in _CHECKED})
        return spec

    def missing(self) -> tuple[str, ...]:
        """What a specification that was read back names and does not hold, beside model and rows.

        The arguments of :meth:`wane.Study.from_spec` that stand for it.
        """
        networks = any(
            isinstance(change, Change) and isinstance(getattr(change, "model", None), Recorded)
            for candidate in self.candidates
            for change in candidate
        )
        recorded = {
            "validation": isinstance(self.validation, Recorded),
            "test": isinstance(self.test, Recorded),
            "transform": isinstance(self.transform, Recorded),
            "callbacks": any(isinstance(one, Recorded) for one in self.callbacks),
            "scoring": any(isinstance(one, Recorded) for one in self.scoring.values()),
            "networks": networks,
        }
        return tuple(name for name, is_missing in recorded.items() if is_missing)


_CHECKED = ("epochs", "batch_size", "initial_weights")
_OF_ROWS = ("validation", "test", "transform", "standardize_target")
"""Arguments that say what is done with the rows."""


def _checked(others: dict[str, Any]) -> dict[str, Any]:
    """Settings that need no rows to be checked, as the specification has them."""
    checked = dict(others)
    for name in ("epochs", "batch_size"):
        checked[name] = whole_number(others[name], name, least=1)
    if others["initial_weights"] not in ("auto", "fresh", "model"):
        raise InputError(
            f"initial_weights must be 'auto', 'fresh' or 'model', got "
            f"{others['initial_weights']!r}."
        )
    checked["optimizer_state"] = checked_optimizer_state(others)
    checked["matters"] = checked_matters(others.get("matters"))
    callbacks = others.get("callbacks")
    if not isinstance(callbacks, list | tuple):  # a single one may be given alone
        callbacks = () if callbacks is None else (callbacks,)
    checked["callbacks"] = tuple(callbacks)
    checked["scoring"] = checked_scorers(others.get("scoring"))
    checked["class_names"] = tuple(others.get("class_names", ()))
    for name in ("refine", "halving", "learning_curve", "until_decided"):
        checked[name] = bool(others.get(name, False))
    retraining = others.get("retraining")
    if retraining not in (None, True, False):
        raise InputError(f"retraining must be True, False or None, got {retraining!r}.")
    checked["retraining"] = None if retraining is None else bool(retraining)
    return checked


def _fields(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the specification that a document holds."""
    by_name = {name: candidate_of(own) for name, own in document["candidates"].items()}
    weights = document.get("class_weight")
    return {
        **{name: document[name] for name in _PLAIN},
        "candidates": with_baseline(tuple(by_name.values())),
        "methods": {
            method: tuple(by_name[name] for name in names)
            for method, names in document.get("methods", {}).items()
        },
        "ineligible": tuple(by_name[name] for name in document.get("ineligible", ())),
        "repeats": document.get("repeats"),
        "until_decided": document.get("until_decided", False),
        "minutes": document.get("minutes"),
        "retraining": document.get("retraining"),
        "validation": rows_of(document["validation"]),
        "test": rows_of(document.get("test")),
        "select_by": select_by_of(document.get("select_by")),
        "scoring": scorers_of(document.get("scoring", ())),
        "callbacks": tuple(Recorded(name) for name in document.get("callbacks", ())),
        "transform": _recorded(document.get("transform")),
        "class_weight": weights and {int(label): float(w) for label, w in weights.items()},
        "class_names": tuple(document.get("class_names", ())),
        "rows": dict(document.get("rows", {})),
        "data_sha256": dict(document.get("data_sha256", {})),
    }


def _recorded(document: Any) -> Any:
    return None if document is None else Recorded(document)


def _parts(data: DataSet) -> dict[str, Examples | None]:
    return {"development": data.development, "validation": data.validation, "test": data.test}
