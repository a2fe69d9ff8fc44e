"""Data sets that come in batches: read whole, in order, or refused in a sentence."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import psutil
import pytest

from wane import InputError
from wane.data.batches.reading import arrays_of, comes_in_batches

X = np.arange(20, dtype=np.float32).reshape(10, 2)
Y = np.arange(10, dtype=np.float32)


class Batches(keras.utils.PyDataset):  # type: ignore[misc] # Keras has no types
    """These batches, in order; None for a number of them is without end."""

    def __init__(self, batches: list[Any], count: int | None = -1) -> None:
        super().__init__()
        self._batches = batches
        self._count = len(batches) if count == -1 else count

    @property
    def num_batches(self) -> int | None:
        return self._count

    def __getitem__(self, place: int) -> Any:
        return self._batches[place]


class Iterating:
    """An iterator that knows how long it is."""

    def __init__(self, batches: list[Any]) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if not self._batches:
            raise StopIteration
        return self._batches.pop(0)


def pieces(*ends: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(X[a:b], Y[a:b]) for a, b in zip((0, *ends[:-1]), ends, strict=True)]


@pytest.mark.parametrize("kind", [Batches, Iterating])
def test_batches_of_any_size_are_joined_in_order(kind: Any) -> None:
    given = kind(pieces(4, 8, 10))
    assert comes_in_batches(given)
    seen: list[int] = []
    x, y, weights = arrays_of(given, "x", seen.append)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    assert weights is None
    assert seen == [1, 2, 3]


def test_trees_and_weights_are_kept() -> None:
    batches = [({"a": X[s], "b": Y[s]}, [Y[s], X[s]], Y[s] + 1) for s in (slice(6), slice(6, 10))]
    x, y, weights = arrays_of(Batches(batches))
    np.testing.assert_array_equal(x["a"], X)
    np.testing.assert_array_equal(x["b"], Y)
    np.testing.assert_array_equal(y[1], X)
    np.testing.assert_array_equal(weights, Y + 1)


@pytest.mark.parametrize("given", [X, [X, Y], {"a": X}, None, (X, Y), "a string"])
def test_arrays_and_trees_of_them_are_no_batches(given: Any) -> None:
    assert not comes_in_batches(given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Batches(pieces(4), None), "of batches without end"),
        (Batches([]), "of no batches"),
        (iter(pieces(4)), "does not say how many batches"),
        (Batches([X]), "but a study needs"),
        (Batches([(X,)]), "but a study needs"),
        (Batches([(X, Y[:3])]), "rows"),
        (Batches([(X[0], np.float32(3))]), "batch"),
        (Batches([(X, Y), (X[:, :1], Y)]), "Batch 1 of x has rows of another form"),
        (Batches([([X, "no"], Y)]), "rows"),
        (Batches([(np.array([[1], [1, 2]], dtype=object), Y)]), "no arrays"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(given: Any, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        arrays_of(given)
    assert str(caught.value).count("\n") == 0


def test_what_memory_does_not_hold_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Memory:
        available = 2**30

    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory)

    class Huge(Batches):
        def __getitem__(self, place: int) -> Any:
            assert place == 0, "only the first batch says how large it is"
            return super().__getitem__(place)

    with pytest.raises(InputError, match=r"take about 111\.8 GiB, and 1\.0 GiB .* are free"):
        arrays_of(Huge(pieces(10), count=10**9))


def test_an_iterator_that_is_used_up_is_said_to_be() -> None:
    class Stale(Iterating):
        def __len__(self) -> int:
            return 3

    with pytest.raises(InputError, match="used up"):
        arrays_of(Stale([]))


def test_a_loader_of_torch_is_read() -> None:
    torch = pytest.importorskip("torch")
    tensors = torch.utils.data.TensorDataset(torch.tensor(X, requires_grad=True), torch.tensor(Y))
    loader = torch.utils.data.DataLoader(tensors, batch_size=4)
    assert comes_in_batches(loader)
    x, y, _ = arrays_of(loader)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


def test_a_dataset_of_tensorflow_is_read() -> None:
    tf = pytest.importorskip("tensorflow")
    given = tf.data.Dataset.from_tensor_slices((X, Y))
    assert comes_in_batches(given)
    x, y, _ = arrays_of(given.batch(4))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    for endless, said in (
        (given.batch(4).repeat(), "without end"),
        (given.filter(lambda x, _: x[0] > 3).batch(4), "assert_cardinality"),
        (given, "batch"),  # single rows
    ):
        with pytest.raises(InputError, match=said):
            arrays_of(endless)
