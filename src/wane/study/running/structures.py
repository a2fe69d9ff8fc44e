"""A study's structures: groups of candidates that one traced program trains."""

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wane._errors import InputError
from wane.keras_model.bridge.bridge import Bridge
from wane.keras_model.bridge.callbacks import candidates_stop, rules
from wane.keras_model.bridge.optimizers import check_rates
from wane.keras_model.checks.remarks import remarks, restores_best
from wane.keras_model.copies import is_model, made, plain_model, remade
from wane.keras_model.dropout import dropout_layers, rates_of, takes_rate_as_data
from wane.penalties import (
    Candidate,
    Network,
    learning_rate_of,
    network_of,
    patience_of,
    penalties_of,
)
from wane.resampling.dataset import PreparedSplits
from wane.study.running.initial_state import Beginning
from wane.study.spec.norms import norms_every
from wane.study.spec.spec import StudySpec
from wane.training.execution import EPOCHS_PER_CALL
from wane.training.program import Program
from wane.training.terms import PenaltyTerms

if TYPE_CHECKING:
    from wane.training.terms import Settings

Rates = tuple[tuple[int, float], ...]
"""Rates of dropout layers by their places."""
Group = tuple[Network | None, Rates, bool]
"""What candidates of one structure share: the network, dropout rates that cannot be data, and
whether they stop early (with what patience is data)."""


class Structure:
    """The candidates of one group, and the program that trains them.

    Args:
        spec: the study.
        beginning: what the group's runs begin with, and so may those of other groups.
        candidates: the group's candidates.
        lower: whether convolutions are trained as matrix products.

    Attributes:
        beginning: as given.
        bridge: the model as pure functions.
        terms: where the candidates differ.
        program: the pure program.
        new_program: makes another one, for rows of another number.
        notes: what people should know of how the model is trained, after :meth:`prepare`.
        in_batches: whether rows are evaluated in the study's batches, since that matters.
    """

    def __init__(
        self,
        spec: StudySpec,
        beginning: Beginning,
        candidates: Sequence[Candidate],
        *,
        lower: bool,
    ) -> None:
        self.beginning = beginning
        self.bridge: Bridge = beginning.bridge
        self.terms = PenaltyTerms.of(self.bridge.model, candidates)
        if any(learning_rate_of(one) is not None for one in candidates):
            check_rates(self.bridge.optimizer, spec.callbacks)
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
        self.notes: tuple[str, ...]
        self.in_batches = False

    def prepare(self, spec: StudySpec, splits: PreparedSplits) -> None:
        """Make ready to train.

        Raises:
            InputError: if the first run cannot begin.
        """
        self.beginning.prepare(spec, splits)
        first = self.beginning.first_state
        own = [p for candidate in self._candidates for p in penalties_of(candidate)]
        odd = remarks(self.bridge, first.weights, own, restores=self.restores)
        kept = self.beginning.kept_weights
        self.notes = (*(() if kept is None else (kept,)), *odd, *self.beginning.scales)

    def lower(self, wanted: bool) -> None:
        """Train convolutions as matrix products, or as they are."""
        if self.new_program.keywords["lower"] != wanted:
            self.new_program = functools.partial(self.new_program, lower=wanted)
            self.program = self.new_program()

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
            self.beginning.source, candidate, values[:count], values[count:], self.bridge.model
        )


class Structures:
    """All structures of a study, and which candidate belongs to which.

    Args:
        spec: the study.
        like: those of the same study with other candidates, whose beginnings these take as well.

    Attributes:
        all: every structure; the first is that of the baseline.
        of_candidate: for each candidate the index of its structure.

    Raises:
        InputError: if a candidate does not fit its network, or a network does not fit the study.
    """

    def __init__(self, spec: StudySpec, like: "Structures | None" = None) -> None:
        networks = dict.fromkeys(network_of(candidate) for candidate in spec.candidates)
        sources = {n: spec.model if n is None else spec.networks[n] for n in networks}
        if spec.optimizer_state == "model" and not all(map(is_model, sources.values())):
            raise InputError(
                "optimizer_state='model' goes on with the optimizer of one trained model, and a "
                "function returns another model for each repeat: give the model itself."
            )
        templates = {} if like is None else dict(like._templates)
        templates |= {n: made(source) for n, source in sources.items() if n not in templates}
        self._beginnings: dict[tuple[Network | None, Rates], Beginning]
        self._beginnings = {} if like is None else dict(like._beginnings)
        keys = [_group(templates, candidate) for candidate in spec.candidates]
        groups: dict[Group, list[Candidate]] = {}
        for key, candidate in zip(keys, spec.candidates, strict=True):
            groups.setdefault(key, []).append(candidate)
        # What a search may yet ask for differs in numbers alone, for which nothing shall compile.
        for candidate in () if spec.search is None else spec.search.strongest:
            groups.setdefault(_group(templates, candidate), []).append(candidate)
        self._templates: dict[Network | None, Any] = templates
        self._sources, self._lower = sources, True
        self.all: list[Structure] = []
        for key, candidates in groups.items():
            self.all.append(self._made(spec, key, candidates))
        self._keys = list(groups)
        self.of_candidate = tuple(self._keys.index(key) for key in keys)

    def _made(self, spec: StudySpec, key: Group, candidates: Sequence[Candidate]) -> Structure:
        """The structure of a group."""
        network, rates, _ = key
        if (network, rates) not in self._beginnings:
            source, template = self._sources[network], self._templates[network]
            if rates:
                source = remade(source, dict(rates))
                template = made(source)
            self._beginnings[network, rates] = Beginning(spec, source, template)
        beginning = self._beginnings[network, rates]
        structure = Structure(spec, beginning, candidates, lower=self._lower)
        if self.all:
            _check_alike(self.all[0].bridge, structure.bridge, network)
        return structure

    def extend(
        self, spec: StudySpec, candidates: Sequence[Candidate], splits: PreparedSplits
    ) -> list[Structure]:
        """Take further candidates of the study's networks.

        Structures stay as they are, so that further runs of their candidates are those of a study
        without these; what differs in more than numbers has one of its own.

        Args:
            spec: the study, which has them.
            candidates: the further ones.
            splits: the rows of each repeat.

        Returns:
            The structures that they need and none had, ready to give initial states.
        """
        before = len(self.all)
        keys = [_group(self._templates, candidate) for candidate in candidates]
        lacking: dict[Group, list[Candidate]] = {}
        for key, candidate in zip(keys, candidates, strict=True):
            if self._place(key, candidate) is None:
                lacking.setdefault(key, []).append(candidate)
        for key, own in lacking.items():
            structure = self._made(spec, key, own)
            structure.prepare(spec, splits)
            if self.all[0].in_batches:
                structure.evaluate_in_batches_of(spec.batch_size)
            self.all.append(structure)
            self._keys.append(key)
        places = [self._place(*one) for one in zip(keys, candidates, strict=True)]
        self.of_candidate += tuple(place for place in places if place is not None)
        return self.all[before:]

    def _place(self, key: Group, candidate: Candidate) -> int | None:
        """Which structure trains a candidate of this group; None if none does."""
        terms = PenaltyTerms.of(self._templates[key[0]], [candidate])
        places = (place for place, own in enumerate(self._keys) if own == key)
        return next((place for place in places if self.all[place].terms.cover(terms)), None)

    def of(self, candidate: int) -> Structure:
        """The structure of a candidate, by the candidate's index."""
        return self.all[self.of_candidate[candidate]]

    def prepare(self, spec: StudySpec, splits: PreparedSplits) -> None:
        """Make every structure ready to train on these rows of each repeat."""
        for structure in self.all:
            structure.prepare(spec, splits)
        if any(structure.beginning.depends_on_batches for structure in self.all):
            for structure in self.all:
                structure.evaluate_in_batches_of(spec.batch_size)

    def lower(self, wanted: bool) -> None:
        """Train convolutions as matrix products, or as they are; further structures too."""
        self._lower = wanted
        for structure in self.all:
            structure.lower(wanted)


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
