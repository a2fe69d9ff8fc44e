"""A study's structures: groups of candidates that one traced program trains."""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wane._errors import InputError
from wane.keras_model.bridge.batches import depends_on_batches
from wane.keras_model.bridge.bridge import Bridge, bridge
from wane.keras_model.bridge.callbacks import candidates_stop, rules
from wane.keras_model.checks.first_step import check_first_step
from wane.keras_model.checks.own_model import own_model
from wane.keras_model.checks.remarks import remarks, restores_best
from wane.keras_model.checks.scale import check_standardized, scale_remarks
from wane.keras_model.copies import copied, in_unit, is_model, made, plain_model, remade
from wane.keras_model.dropout import dropout_layers, rates_of, takes_rate_as_data
from wane.keras_model.initial.trained_weights import initial_weights_of
from wane.penalties import Candidate, Network, network_of, patience_of, penalties_of
from wane.resampling.dataset import PreparedSplits
from wane.resampling.splits import Resampling
from wane.study.running.initial_state import InitialStates
from wane.study.spec.norms import norms_every
from wane.study.spec.spec import StudySpec
from wane.training.batch import InitialState
from wane.training.execution import EPOCHS_PER_CALL
from wane.training.program import Program
from wane.training.terms import PenaltyTerms

if TYPE_CHECKING:
    from wane.training.terms import Settings

Group = tuple[Network | None, tuple[tuple[int, float], ...], bool]
"""What candidates of one structure share: the network, dropout rates that cannot be data, and
whether they stop early (with what patience is data)."""


class Structure:
    """The candidates of one group, and the program that trains them.

    Args:
        spec: the study.
        source: the group's model, or the function that returns it.
        template: the model that the program is made of.
        candidates: the group's candidates.
        lower: whether convolutions are trained as matrix products.

    Attributes:
        bridge: the template as pure functions.
        terms: where the candidates differ.
        program: the pure program.
        new_program: makes another one, for rows of another number.
        initial_states: gives the initial state of each repeat, after :meth:`prepare`.
        first_state: with which the first repeat begins, likewise.
        notes: what people should know of how the model is trained, likewise.
        same_weights: whether all repeats start from the same weights, likewise.
        fingerprint: of the program of a first step, likewise.
        depends_on_batches: whether its losses and metrics depend on how rows are batched, likewise.
        in_batches: whether rows are evaluated in the study's batches for that.
    """

    def __init__(
        self,
        spec: StudySpec,
        source: Any,
        template: Any,
        candidates: Sequence[Candidate],
        *,
        lower: bool,
    ) -> None:
        self.source = source
        sample = spec.data.checked_sample()
        self.bridge: Bridge = bridge(template, *sample, optimizer_state=spec.optimizer_state)
        if spec.standardize_target:
            check_standardized(template, self.bridge.task)
            in_unit(copied(source) if is_model(source) else made(source), 1.0, 0.0)
        self.terms = PenaltyTerms.of(template, candidates)
        stops = [candidates_stop()] if patience_of(candidates[0]) is not None else []
        self.new_program = functools.partial(
            Program,
            self.bridge,
            self.terms,
            batch_size=spec.batch_size,
            shuffle=spec.shuffle,
            epochs_per_call=min(EPOCHS_PER_CALL, spec.epochs),
            rules=(*rules(spec.callbacks, self.bridge, epochs=spec.epochs), *stops),
            lower=lower,
            norms_every=norms_every(spec.epochs),
        )
        self.program = self.new_program()
        self._candidates = candidates
        self.restores = bool(stops) or restores_best(spec.callbacks)
        self.initial_states: InitialStates
        self.first_state: InitialState
        self.notes: tuple[str, ...]
        self.same_weights: bool
        self.fingerprint: str
        self.depends_on_batches: bool
        self.in_batches = False

    def prepare(self, spec: StudySpec, splits: PreparedSplits) -> None:
        """Make ready to give the initial states of repeats.

        Raises:
            InputError: if the first run cannot begin.
        """
        model = self.bridge.model
        begins, kept = initial_weights_of(
            self.source, model, spec.initial_weights, standardized=spec.standardize_target
        )
        self.initial_states = InitialStates(
            self.source, model, splits, seed=spec.seed, initial_weights=begins
        )
        self.first_state = first = self.initial_states(0)
        self.same_weights = self.initial_states.same_weights(first)
        self.fingerprint = check_first_step(self.bridge, first.weights, first.state, first.train)
        own = [p for candidate in self._candidates for p in penalties_of(candidate)]
        odd = remarks(self.bridge, first.weights, own, restores=self.restores)
        rows, standardized = spec.data.development, spec.standardize_target
        odd += scale_remarks(model, rows.x, rows.y, standardized=standardized)
        self.notes = odd if kept is None else (kept, *odd)
        self.depends_on_batches = depends_on_batches(
            self.bridge, first.weights, first.state, first.train
        )

    def evaluate_in_batches_of(self, rows: int) -> None:
        """Evaluate so many rows at a time, as ``fit`` does where the numbers depend on that."""
        self.in_batches = True
        self.new_program = functools.partial(self.new_program, evaluation_rows=rows)
        self.program = self.new_program()

    def settings(self, candidate: Candidate) -> "Settings":
        """A candidate of this structure as numbers."""
        return self.terms.settings(self.bridge.model, candidate)

    def shapes(self) -> list[tuple[tuple[int, ...], str]]:
        """Shape and NumPy type of each variable, trainable ones first."""
        model = self.bridge.model
        variables = [*model.trainable_variables, *model.non_trainable_variables]
        return [(tuple(v.shape), str(v.value.dtype)) for v in variables]

    def trained_model(self, candidate: Candidate, values: Sequence[np.ndarray]) -> Any:
        """A plain compiled model with these values of its variables, trainable ones first."""
        count = len(self.bridge.model.trainable_variables)
        return plain_model(
            self.source, candidate, values[:count], values[count:], self.bridge.model
        )


class Structures:
    """All structures of a study, and which candidate belongs to which.

    Args:
        spec: the study.
        lower: whether convolutions are trained as matrix products.

    Attributes:
        all: every structure; the first is that of the baseline.
        of_candidate: for each candidate the index of its structure.

    Raises:
        InputError: if a candidate does not fit its network, or a network does not fit the study.
    """

    def __init__(self, spec: StudySpec, *, lower: bool) -> None:
        networks = dict.fromkeys(network_of(candidate) for candidate in spec.candidates)
        sources = {n: spec.model if n is None else n.model for n in networks}
        sample = spec.data.checked_sample()
        # A result makes models and traces programs later, when the user's may have changed.
        sources = {n: own_model(m, *sample) if is_model(m) else m for n, m in sources.items()}
        if spec.optimizer_state == "model" and not all(map(is_model, sources.values())):
            raise InputError(
                "optimizer_state='model' goes on with the optimizer of one trained model, and a "
                "function returns another model for each repeat: give the model itself."
            )
        templates = {network: made(source) for network, source in sources.items()}
        keys = [_group(templates, candidate) for candidate in spec.candidates]
        groups: dict[Group, list[Candidate]] = {}
        for key, candidate in zip(keys, spec.candidates, strict=True):
            groups.setdefault(key, []).append(candidate)
        self._sources, self._templates, self._lower = sources, templates, lower
        self.all: list[Structure] = []
        for key, candidates in groups.items():
            self.all.append(self._made(spec, key, candidates))
        self._places = {key: place for place, key in enumerate(groups)}
        self.of_candidate = tuple(self._places[key] for key in keys)

    def _made(self, spec: StudySpec, key: Group, candidates: Sequence[Candidate]) -> Structure:
        """The structure of a group."""
        network, rates, _ = key
        source, template = self._sources[network], self._templates[network]
        if rates:
            source = remade(source, dict(rates))
            template = made(source)
        structure = Structure(spec, source, template, candidates, lower=self._lower)
        if self.all:
            _check_alike(self.all[0].bridge, structure.bridge, network)
        return structure

    def extend(
        self, spec: StudySpec, candidates: Sequence[Candidate], splits: PreparedSplits
    ) -> list[Structure]:
        """Take further candidates, which differ from the others in numbers alone, or stop early.

        Args:
            spec: the study, which has them.
            candidates: the further ones.
            splits: the rows of each repeat.

        Returns:
            The structures that they need and none had, ready to give initial states.
        """
        keys = [_group(self._templates, candidate) for candidate in candidates]
        before = len(self.all)
        for key, candidate in zip(keys, candidates, strict=True):
            if key not in self._places:
                structure = self._made(spec, key, [candidate])
                structure.prepare(spec, splits)
                if self.all[0].in_batches:
                    structure.evaluate_in_batches_of(spec.batch_size)
                self._places[key] = len(self.all)
                self.all.append(structure)
        self.of_candidate = (*self.of_candidate, *(self._places[key] for key in keys))
        return self.all[before:]

    def of(self, candidate: int) -> Structure:
        """The structure of a candidate, by the candidate's index."""
        return self.all[self.of_candidate[candidate]]

    def prepare(self, spec: StudySpec, resampling: Resampling) -> PreparedSplits:
        """Make every structure ready to give the initial states of repeats; returns their rows."""
        splits = PreparedSplits(spec.data, resampling)
        for structure in self.all:
            structure.prepare(spec, splits)
        if any(structure.depends_on_batches for structure in self.all):
            for structure in self.all:
                structure.evaluate_in_batches_of(spec.batch_size)
        return splits


def _group(templates: Mapping[Network | None, Any], candidate: Candidate) -> Group:
    """The group of a candidate."""
    network = network_of(candidate)
    template = templates[network]
    if not is_model(template):  # it is refused later
        return network, (), False
    layers = list(dropout_layers(template).values())
    rates = rates_of(template, candidate)
    fixed = {place: rate for place, rate in rates.items() if not takes_rate_as_data(layers[place])}
    return network, tuple(sorted(fixed.items())), patience_of(candidate) is not None


def _check_alike(first: Bridge, other: Bridge, network: Network | None) -> None:
    """Check that a network is trained and evaluated by the same numbers as the study's model."""
    if network is None:
        return
    for what, mine, theirs in (
        ("loss", other.task.loss, first.task.loss),
        ("metrics", list(other.metric_names), list(first.metric_names)),
    ):
        if mine != theirs:
            raise InputError(
                f"The network {network.title!r} has the {what} {mine}, but the study's model has "
                f"{theirs}: compile both alike."
            )
