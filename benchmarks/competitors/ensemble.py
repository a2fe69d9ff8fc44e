"""Many networks at once in torch: ``torch.func.vmap`` of the gradient, one fused Adam for all."""

import functools
import itertools
import time
from typing import Any

import numpy as np

from benchmarks.cases import DATA, Case, quality
from benchmarks.competitors.torch_threads import faster_threads, torch
from benchmarks.results import Measurement, Quality

_UNITS = {"case_study": (2, 500, 1), "mlp": (64, 256, 256, 10)}


class Ensemble:
    """Trains ``case.runs`` networks in one stack of tensors."""

    def __init__(self, cores: int) -> None:
        self._cores = cores

    def prepare(self, case: Case) -> float:
        """Make tensors of the data; nothing is compiled."""
        self._case, self._data = case, DATA[case.data]()
        self._x, self._y, self._validation_x, self._validation_y = map(torch.from_numpy, self._data)
        if case.network == "case_study":
            self._loss = _binary
        else:
            self._loss = _multiclass
            self._y, self._validation_y = self._y.long(), self._validation_y.long()
        generator = torch.Generator().manual_seed(0)
        faster_threads(self._cores, lambda: self._train(generator, min(2, case.epochs)))
        return 0.0

    def measure(self, pair: int) -> Measurement:
        """Train one stack of networks."""
        generator = torch.Generator().manual_seed(pair)
        began, processor = time.perf_counter(), time.process_time()
        weights = self._train(generator, self._case.epochs)
        seconds = time.perf_counter() - began
        used = time.process_time() - processor
        reached = []
        for i in range(self._case.runs):
            own = [weight[i] for weight in weights]
            reached.append(quality(self._data, functools.partial(_probabilities, own)))
        return Measurement(
            runs=self._case.runs,
            epochs=self._case.epochs,
            seconds=seconds,
            processor_seconds=used,
            quality=Quality.mean(reached),
        )

    def _train(self, generator: Any, epochs: int) -> list[Any]:
        runs, rows, size = self._case.runs, len(self._x), self._case.batch_size
        weights = _initial(_UNITS[self._case.network], runs, generator)
        optimizer = torch.optim.Adam(weights, lr=1e-3, eps=1e-7, fused=True)
        step = torch.func.vmap(torch.func.grad(self._objective))
        for _ in range(epochs):
            # Each network has its own order of rows; one batch holds every row in any order.
            order = torch.arange(rows).expand(runs, rows)
            if rows > size:
                order = torch.rand(runs, rows, generator=generator).argsort(1)
            for begin in range(0, rows, size):
                some = order[:, begin : begin + size]
                for weight, gradient in zip(
                    weights, step(weights, self._x[some], self._y[some]), strict=True
                ):
                    weight.grad = gradient
                optimizer.step()
            if self._case.validates:
                self._validated(weights)
        return weights

    def _objective(self, weights: list[Any], x: Any, y: Any) -> Any:
        penalty = sum(w.square().sum() for w in weights[:-2:2])
        return self._loss(_outputs(weights, x), y) + self._case.strength * penalty

    @torch.no_grad()  # type: ignore[untyped-decorator] # torch is not typed here
    def _validated(self, weights: list[Any]) -> tuple[Any, Any]:
        """Loss and accuracy of each network."""

        def one(own: list[Any]) -> tuple[Any, Any]:
            outputs = _outputs(own, self._validation_x)
            wide = outputs.shape[-1] > 1
            predicted = outputs.argmax(-1) if wide else (outputs[:, 0] > 0).float()
            right = (predicted == self._validation_y).float().mean()
            return self._loss(outputs, self._validation_y), right

        both: tuple[Any, Any] = torch.func.vmap(one)(weights)
        return both


def _probabilities(weights: list[Any], x: np.ndarray) -> Any:
    outputs = _outputs(weights, torch.from_numpy(x)).detach()
    return torch.sigmoid(outputs) if outputs.shape[-1] == 1 else outputs.softmax(-1)


def _outputs(weights: list[Any], x: Any) -> Any:
    """Before the last activation, [rows, outputs]."""
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = torch.relu(x @ kernel + bias)
    return x @ weights[-2] + weights[-1]


def _binary(outputs: Any, y: Any) -> Any:
    return torch.nn.functional.binary_cross_entropy_with_logits(outputs[:, 0], y)


def _multiclass(outputs: Any, y: Any) -> Any:
    return torch.nn.functional.cross_entropy(outputs, y)


def _initial(units: tuple[int, ...], runs: int, generator: Any) -> list[Any]:
    """Kernels as Keras draws them (Glorot uniform), biases of zero; kernel, bias, kernel, …"""
    weights = []
    for before, after in itertools.pairwise(units):
        limit = (6 / (before + after)) ** 0.5
        kernel = (torch.rand(runs, before, after, generator=generator) * 2 - 1) * limit
        weights += [kernel, torch.zeros(runs, after)]
    return [weight.requires_grad_() for weight in weights]


def make(_variant: str, cores: int) -> Ensemble:
    """An ensemble by ``torch.func``."""
    return Ensemble(cores)
