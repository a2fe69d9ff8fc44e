"""What a study is: one model, one data set, the candidates, and how to evaluate them."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from wane._errors import InputError, whole_number
from wane.data.account import Account
from wane.keras_model.copies import ModelSource
from wane.penalties import Candidate, Change, Network, candidate_names
from wane.resampling.arguments import Test, Validation, data_set
from wane.resampling.dataset import DataSet
from wane.resampling.dependence import Ties
from wane.resampling.schemes import Fresh
from wane.resampling.splits import DEFAULT_REPEATS, is_splitter
from wane.study.spec.candidates import own_copy, own_networks, with_baseline
from wane.study.spec.documents import Recorded
from wane.study.spec.looks import PLAN, check_plan, most_repeats
from wane.study.spec.record import spec_document, spec_fields
from wane.study.spec.references import References
from wane.study.spec.scorers import Scorers
from wane.study.spec.selection import stopped_by_judges
from wane.study.spec.settings import LARGEST_SEED, OF_ROWS, checked_settings, of_rows
from wane.study.spec.spaces.search import Search, round_of


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class StudySpec:
    """The checked specification of a study: what :class:`wane.Study` was called with.

    ``study.json`` holds :meth:`to_dict`, and :meth:`from_dict` reads it back. JSON holds no arrays,
    models or functions: what is read back names them, and :meth:`wane.Study.from_spec` takes them
    anew and checks that they are the same.

    Attributes:
        candidates: what is evaluated, the baseline first.
        epochs, batch_size, shuffle, seed, initial_weights, optimizer_state, select_by, matters,
            learning_curve, retraining, extend, refine, halving, until_decided, minutes,
            class_names, name: as :class:`wane.Study` takes them.
        repeats: runs of each candidate, or the most of them; None where the splits say how many.
        validation, test, groups, time, gap: as given.
        scoring: scikit-learn's scorers by name; None until the classes of the rows decide.
        references: models beside the networks by name; None for one that is built in.
        callbacks: Keras's, as given.
        transform, standardize_target, class_weight: as given.
        methods: of a comparison, the candidates of each method by its name.
        ineligible: candidates that may not be chosen, since the rows that would choose them have
            chosen when they stop.
        search: the spaces of which further candidates of the methods are taken, or None.
        given: how many of the candidates were given, where the study has added others; else None.
        model: the study's own copy of the model, or the function that returns one; None where the
            spec was read back.
        networks: the same of each :class:`wane.Network` among the candidates.
        dataset: all rows; None where the spec was read back.
        rows: how many rows each part has.
        data_sha256: a fingerprint of each part's values.
        describe_transform: gives a JSON-able account of a fitted transform, for
            ``preprocessing.json``; for the command line.
        account: what is in a table; None for rows whose columns have no names. It is no part of
            what tells studies apart.
        log_shift: what was added to the target before its logarithm was taken, which ``y`` is, 0 or
            1; None where ``y`` is the target.

    Example:
        >>> import keras, numpy as np, wane
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x, candidates = np.linspace(0, 1, 20), [wane.L2(0.001)]
        >>> study = wane.Study(model, x[:, None], 2 * x, candidates=candidates, epochs=9, repeats=5)
        >>> document = study.spec.to_dict()  # as study.json has it
        >>> spec = wane.StudySpec.from_dict(document)
        >>> spec.epochs, spec.repeats
        (9, 5)
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
    groups: Any = None
    time: Any = None
    gap: int = 0
    select_by: str | tuple[str, str] | None = None
    matters: float | None = None
    scoring: Scorers | None = None
    callbacks: tuple[Any, ...] = ()
    transform: Any = None
    standardize_target: bool = False
    class_weight: Mapping[int, float] | None = None
    learning_curve: bool = True
    retraining: bool | None = None
    extend: bool = True
    refine: bool = False
    halving: bool = False
    until_decided: bool = False
    minutes: float | None = None
    references: References = dataclasses.field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    name: str = "study"
    methods: Mapping[str, tuple[Candidate, ...]] = dataclasses.field(default_factory=dict)
    ineligible: tuple[Candidate, ...] = ()
    search: Search | None = None
    given: int | None = None
    model: ModelSource | None = None
    networks: Mapping[Network, ModelSource] = dataclasses.field(default_factory=dict)
    dataset: DataSet | None = None
    rows: Mapping[str, int] = dataclasses.field(default_factory=dict)
    data_sha256: Mapping[str, str] = dataclasses.field(default_factory=dict)
    describe_transform: Callable[[Any], Mapping[str, Any]] | None = None
    account: Account | None = None
    log_shift: int | None = None

    @classmethod
    def of(
        cls,
        model: Any,
        given: tuple[Any, Any, Any],
        *,
        candidates: Sequence[Candidate | Change] | None,
        class_weight: Mapping[int, float] | str | None,
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
            The specification, with a copy of its model, and its rows.

        Raises:
            InputError: if anything does not fit together.

        Example:
            >>> isinstance(study.spec, wane.StudySpec), study.spec.repeats  # wane.Study calls it
            (True, 5)
        """
        if given[2] is not None and class_weight is not None:
            raise InputError("Give sample_weight or class_weight, not both (as in Keras's fit).")
        checked = with_baseline(candidates)
        candidate_names(checked)  # refuses candidates that are there twice
        settings = checked_settings(others)
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
            ties=Ties(others.get("groups"), others.get("time"), others.get("gap", 0)),
            **{name: others[name] for name in OF_ROWS},
        )
        test_rows = 0 if data.test is None else data.test.units
        return cls(
            model=own_copy(model, data),
            networks=own_networks(checked, data),
            dataset=data,
            candidates=checked,
            ineligible=stopped_by_judges(checked, test_rows),
            class_weight=data.class_weight,
            log_shift=getattr(given[1], "log_shift", None),
            repeats=repeats,
            seed=seed,
            **of_rows(data),
            **settings,
        )

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the candidates.

        Example:
            >>> spec.names
            ('baseline', 'L2(0.001)')
        """
        return candidate_names(self.candidates)

    @property
    def given_count(self) -> int:
        """How many of the candidates were given, the baseline among them.

        Example:
            >>> spec.given_count
            2
        """
        return len(self.candidates) if self.given is None else self.given

    @property
    def data(self) -> DataSet:
        """The rows.

        Raises:
            InputError: if the spec was read back, and so has none.

        Example:
            >>> len(study.spec.data.development), spec.dataset is None  # of what was read back
            (20, True)
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

        Example:
            >>> spec.with_candidates([wane.L1(0.1)]).names
            ('baseline', 'L1(0.1)')
        """
        checked = with_baseline(candidates)
        candidate_names(checked)
        return dataclasses.replace(
            self,
            candidates=checked,
            networks=own_networks(checked, self.dataset, self.networks),
            methods=dict(methods or {}),
            ineligible=tuple(ineligible),
            learning_curve=False,
            extend=False,
            refine=False,
            halving=False,
        )

    def with_more(self, candidates: Sequence[Candidate], step: str) -> Self:
        """The same study with further candidates, which tables show among the others.

        Args:
            candidates: more of them, all tuples of changes.
            step: what added them; of a search, they are of one of its methods.

        Returns:
            Another specification; this one stays as it is.

        Example:
            >>> more = spec.with_more([(wane.L2(0.1),)], "extend")
            >>> more.names, more.given_count
            (('baseline', 'L2(0.001)', 'L2(0.1)'), 2)
        """
        test = None if self.dataset is None else self.dataset.test
        rows = self.rows.get("test", 0) if test is None else test.units
        stopped = stopped_by_judges(candidates, rows)
        methods = dict(self.methods)
        if (asked := round_of(step)) is not None and asked[1] in methods:
            methods[asked[1]] = (*methods[asked[1]], *candidates)
        return dataclasses.replace(
            self,
            candidates=(*self.candidates, *candidates),
            methods=methods,
            given=self.given_count,
            ineligible=(*self.ineligible, *stopped),
        )

    def grown(self, repeats: int | None, candidates: Sequence[Candidate | Change] | None) -> Self:
        """The same study with another number of repeats, and with further candidates.

        Args:
            repeats: runs of each candidate; None leaves them as they are.
            candidates: more of them, of which those that the study has are passed over.

        Returns:
            Another specification; this one stays as it is.

        Raises:
            InputError: if they are no candidates, or the number is none of repeats.

        Example:
            >>> more = study.spec.grown(8, [wane.L2(0.1)])
            >>> more.repeats, more.names
            (8, ('baseline', 'L2(0.001)', 'L2(0.1)'))
        """
        found = self
        if repeats is not None:
            repeats = whole_number(repeats, "repeats", least=1)
            check_plan({field: getattr(self, field) for field in PLAN}, repeats)
            found = dataclasses.replace(found, repeats=repeats)
            if isinstance(self.validation, Fresh):  # which draws rows for each repeat
                own = {name: getattr(self, name) for name in (*OF_ROWS, "class_weight", "seed")}
                data = data_set((None, None, None), repeats=repeats, **own)
                found = dataclasses.replace(found, dataset=data, **of_rows(data))
        new = () if candidates is None else with_baseline(candidates)[1:]
        new = tuple(dict.fromkeys(one for one in new if one not in self.candidates))
        every = (*self.candidates, *new)
        candidate_names(every)  # refuses networks of one title
        units = 0 if self.data.test is None else self.data.test.units
        stopped = (*self.ineligible, *stopped_by_judges(new, units))
        networks = own_networks(every, self.data, self.networks)
        return dataclasses.replace(found, candidates=every, networks=networks, ineligible=stopped)

    def to_dict(self) -> dict[str, Any]:
        """The study as ``study.json`` has it; :meth:`from_dict` reads it back.

        Example:
            >>> spec.to_dict()["candidates"]["L2(0.001)"][0]["strengths"]
            [0.001]
        """
        return spec_document(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The specification that :meth:`to_dict` wrote, without model and rows.

        Args:
            document: ``study.json``, or a dictionary of the same keys; others are passed over.

        Returns:
            The specification; :meth:`missing` says what it lacks beside model and rows.

        Raises:
            InputError: if it is no study's, or one of another version.

        Example:
            >>> wane.StudySpec.from_dict(document).repeats
            5
        """
        fields = spec_fields(document)
        check_plan(fields, fields["repeats"])
        return cls(**fields)

    def missing(self) -> tuple[str, ...]:
        """What a specification that was read back names and does not hold, beside model and rows.

        The arguments of :meth:`wane.Study.from_spec` that stand for it.

        Example:
            >>> spec.missing()
            ()
        """
        networks = any(
            isinstance(change, Change) and isinstance(getattr(change, "model", None), Recorded)
            for candidate in self.candidates
            for change in candidate
        )
        recorded = {
            "validation": isinstance(self.validation, Recorded),
            "test": isinstance(self.test, Recorded),
            "groups": isinstance(self.groups, Recorded),
            "time": isinstance(self.time, Recorded),
            "transform": isinstance(self.transform, Recorded),
            "callbacks": any(isinstance(one, Recorded) for one in self.callbacks),
            "scoring": any(isinstance(one, Recorded) for one in (self.scoring or {}).values()),
            "references": any(isinstance(one, Recorded) for one in self.references.values()),
            "networks": networks,
        }
        return tuple(name for name, is_missing in recorded.items() if is_missing)
