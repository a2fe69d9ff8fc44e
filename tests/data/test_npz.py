"""Arrays in ``.npz`` files: what they become, and files made to do harm."""

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from table_cases import message
from wane.data import read_arrays

random = np.random.default_rng(0)
X = random.normal(size=(40, 3))
Y = np.arange(40) % 2
IMAGES = random.integers(0, 256, size=(40, 6, 5), dtype=np.uint8)


def saved(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_a_table_of_numbers_is_standardized(tmp_path: Path) -> None:
    constant = np.full((40, 1), 7.0)
    problem = read_arrays(saved(tmp_path / "d.npz", x=np.hstack([5 * X, constant]), y=Y))
    assert (problem.name, problem.task, problem.validation, problem.test) == (
        "d",
        "binary",
        0.25,
        0.2,
    )
    assert problem.feature_names == ("x0", "x1", "x2")
    assert problem.notes == ("Columns of x were left out that are empty or hold one value: 'x3'.",)
    made = problem.transform.fit_transform(problem.x)
    np.testing.assert_allclose(made, (X - X.mean(0)) / X.std(0), atol=1e-5)
    np.testing.assert_array_equal(problem.y, Y)


def test_parts_of_their_own_have_one_reading_of_targets(tmp_path: Path) -> None:
    names = np.array(["a", "b", "c"])[np.arange(60) % 3]
    parts = {"train": slice(0, 30), "val": slice(30, 45), "test": slice(45, 60)}
    arrays = {f"x_{part}": random.normal(size=(60, 2))[own] for part, own in parts.items()}
    arrays |= {f"Y_{part}": names[own] for part, own in parts.items()}
    problem = read_arrays(saved(tmp_path / "d.npz", **arrays))
    assert problem.class_names == ("a", "b", "c") and problem.task == "multiclass"
    assert isinstance(problem.validation, tuple) and isinstance(problem.test, tuple)
    for part, x, y in (
        ("train", problem.x, problem.y),
        ("val", *problem.validation),
        ("test", *problem.test),
    ):
        np.testing.assert_array_equal(np.asarray(x), arrays[f"x_{part}"])
        np.testing.assert_array_equal(np.array(problem.class_names)[y], arrays[f"Y_{part}"])


def test_bytes_of_two_axes_are_grey_images(tmp_path: Path) -> None:
    problem = read_arrays(saved(tmp_path / "d.npz", x=IMAGES, y=Y))
    assert problem.network == "conv2d" and problem.networks()[0] == "conv2d"
    np.testing.assert_allclose(problem.x, IMAGES[..., None] / np.float32(255))
    assert problem.notes == (
        "Whole numbers of 8 bits were divided by 255.",
        "Rows of shape (6, 5) were read as grey images.",
    )


@pytest.mark.parametrize(("shape", "network"), [((9, 2), "lstm"), ((4, 4, 3), "conv2d")])
def test_axes_tell_the_kind_of_network(
    shape: tuple[int, ...], network: str, tmp_path: Path
) -> None:
    x = random.normal(size=(40, *shape))
    problem = read_arrays(saved(tmp_path / "d.npz", x=x, y=random.normal(size=40)))
    assert (problem.network, problem.task, problem.standardize_target) == (
        network,
        "regression",
        True,
    )
    np.testing.assert_allclose(problem.x, x, rtol=1e-6)


def test_a_network_of_the_user_s_own_gets_them_as_they_are(tmp_path: Path) -> None:
    x, y = random.normal(size=(40, 3)) * 100, random.normal(size=(40, 2))
    problem = read_arrays(
        saved(tmp_path / "d.npz", x=x, y=y, x_test=x[:5], y_test=y[:5]), as_given=True
    )
    np.testing.assert_array_equal(problem.x, x)
    np.testing.assert_array_equal(problem.y, y)
    assert isinstance(problem.test, tuple)
    np.testing.assert_array_equal(problem.test[1], y[:5])
    assert problem.transform is None and not problem.standardize_target


class Harm:
    """What a pickle can do: here it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def of_parts(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.npy", content)
    return path


def npy(header: str, content: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    done = tmp_path / "done"
    objects = np.array([Harm(done)] * 40, dtype=object)
    sentence = (
        f"{tmp_path / 'd.npz'} is refused, since its array 'x' holds Python objects, and reading "
        f"these can run code: save numbers, or text as str."
    )
    assert message(read_arrays, saved(tmp_path / "d.npz", x=objects, y=Y)) == sentence
    raw = npy("{'descr': '|O', 'fortran_order': False, 'shape': (40,), }", pickle.dumps(objects))
    assert message(read_arrays, of_parts(tmp_path / "d.npz", x=raw)) == sentence
    (tmp_path / "e.npz").write_bytes(pickle.dumps(Harm(done)))
    assert "cannot be read as a .npz file" in message(read_arrays, tmp_path / "e.npz")
    assert not done.exists()


def test_an_array_of_another_name_is_not_read(tmp_path: Path) -> None:
    objects = np.array([Harm(tmp_path / "done")], dtype=object)
    read_arrays(saved(tmp_path / "d.npz", x=X, y=Y, notes=objects, **{"../x": X}))
    assert not (tmp_path / "done").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["d.npz"]


def bomb(path: Path) -> Path:
    """A few kilobytes that say they are more than 2 GiB of zeros."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.npy", "w", force_zip64=True) as file,
    ):
        file.write(npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({2**31},), }}"))
        for _ in range(2**7):
            file.write(bytes(2**24))
    return path


@pytest.mark.slow  # it takes seconds to pack
def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    assert message(read_arrays, bomb(tmp_path / "d.npz")) == (
        f"{tmp_path / 'd.npz'} is refused, since it would unpack to 2,048 MiB, more than 100 "
        f"times its size: save it anew with numpy.savez."
    )


def of(**arrays: Any) -> Callable[[Path], Path]:
    return lambda path: saved(path, **arrays)


def raw(**parts: bytes) -> Callable[[Path], Path]:
    return lambda path: of_parts(path, **parts)


HUGE = npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({10**12}, {10**6}), }}", bytes(80))
CODE = npy("{'descr': __import__('os').abort(), 'fortran_order': False, 'shape': (1,), }")
GIVE = "save x and y [rows, …]"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (of(a=X, b=Y), ["has no x and y, only 'a', 'b'", GIVE]),
        (of(), ["has no x and y, only (none)", GIVE]),
        (of(x=X), ["has no y of the train rows", GIVE]),
        (of(x_test=X, y_test=Y), ["has no x and y to train on", GIVE]),
        (of(x=X, y=Y, X=X), ["has x of the train rows twice", GIVE]),
        (of(x=X, y=Y[:30]), ["has 40 rows of x and 30 of y", "one y for each row"]),
        (of(x=X, y=Y, x_test=X[:, :2], y_test=Y), ["test rows of shape (2,)", "shape (3,)"]),
        (of(x=X, y=np.eye(40)), ["y of shape (40, 40)", "--model"]),
        (of(x=X, y=np.full(40, np.nan)), ["40 missing values in y"]),
        (of(x=X.astype(str), y=Y), ["has x of type <U", "give numbers"]),
        (of(x=X.reshape(40, 3, 1, 1, 1), y=Y), ["makes no network", "--model"]),
        (of(x=IMAGES, y=Y, x_test=IMAGES / 255, y_test=Y), ["uint8", "float64", "one unit"]),
        (of(x=X, y=Y, x_test=X.astype(str), y_test=Y), ["has x of type <U", "give numbers"]),
        (of(x=np.where(X > 1, np.inf, X), y=Y), ["infinite numbers in x"]),
        (of(x=X, y=np.array(["a", "", "b", "a"] * 10)), ["10 missing values in y"]),
        (of(x=np.empty((40, 0)), y=Y), ["holds no numbers"]),
        (of(x=X[:0], y=Y[:0]), ["holds no numbers"]),
        (of(x=X.astype(complex), y=Y), ["holds no numbers"]),
        (of(x=np.ones((40, 2)), y=Y), ["nothing to predict from"]),
        (of(x=np.float64(3), y=Y), ["a single number as x"]),
        (raw(x=HUGE, y=HUGE), ["is not as long as its shape"]),
        (raw(x=CODE, y=CODE), ["cannot be read as a .npz file"]),
        (raw(x=b"", y=b""), ["cannot be read as a .npz file"]),
        (raw(x=npy("{("), y=b""), ["cannot be read as a .npz file"]),
        (raw(x=npy("[" * 5000), y=b""), ["cannot be read as a .npz file"]),
        (raw(x=b"\x93NUMPY\x09\x09", y=b""), ["cannot be read as a .npz file"]),
    ],
)
def test_what_cannot_be_used(
    make: Callable[[Path], Path], words: list[str], tmp_path: Path
) -> None:
    text = message(read_arrays, make(tmp_path / "d.npz"))
    assert str(tmp_path / "d.npz") in text
    for word in words:
        assert word in text


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    whole = io.BytesIO()
    np.savez(whole, x=X, y=Y)
    for length in (0, 10, 500, len(whole.getvalue()) - 30):
        (tmp_path / "d.npz").write_bytes(whole.getvalue()[:length])
        assert "cannot be read as a .npz file" in message(read_arrays, tmp_path / "d.npz")


def test_broken_and_locked_parts_are_told(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez_compressed(path, x=X, y=Y)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("x.npy").header_offset + 60
    flags = whole.index(b"PK\x01\x02") + 8  # of the first part; bit 0 says that it is encrypted
    damaged = whole[:at] + bytes(40) + whole[at + 40 :]
    locked = whole[:flags] + b"\x01" + whole[flags + 1 :]
    for change in (damaged, locked):
        assert change != whole
        path.write_bytes(change)
        assert "cannot be read as a .npz file" in message(read_arrays, path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert message(read_arrays, tmp_path / "no.npz").startswith("There is no file")
