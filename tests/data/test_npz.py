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
        "Rows of shape (6, 5) were read as grey images; --inputs sequences reads them as "
        "sequences.",
        "Whole numbers of 8 bits were divided by 255; --divide 1 leaves them.",
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


COLOURED = random.integers(0, 256, size=(40, 9, 8, 3))
FIRST_CHANNEL = COLOURED[..., 0]


@pytest.mark.parametrize(
    ("x", "options", "network", "made", "notes"),
    [
        (FIRST_CHANNEL / 255, {}, "lstm", FIRST_CHANNEL / 255, (
            "Rows of shape (9, 8) were read as sequences of 9 steps with 8 numbers each; --inputs "
            "images reads them as grey images.",)),
        (FIRST_CHANNEL / 255, {"inputs": "images"}, "conv2d", FIRST_CHANNEL[..., None] / 255, ()),
        (FIRST_CHANNEL.astype("float32"), {}, "conv2d", FIRST_CHANNEL[..., None] / 255, (
            "Rows of shape (9, 8) were read as grey images; --inputs sequences reads them as "
            "sequences.", "Pixels from 0 to 255 were divided by 255; --divide 1 leaves them.")),
        (FIRST_CHANNEL, {"inputs": "Sequences", "divide": 2}, "lstm", FIRST_CHANNEL / 2, ()),
        (COLOURED.transpose(0, 3, 1, 2) / 255, {}, "conv2d", COLOURED / 255, (
            "Rows of shape (3, 9, 8) were read as images, [channels, height, width]; --inputs "
            "images reads them as [height, width, channels].",)),
        (COLOURED.transpose(0, 3, 1, 2) / 255, {"inputs": "images"}, "conv2d",
         COLOURED.transpose(0, 3, 1, 2) / 255, ()),
        (COLOURED[..., [0] * 9] / 255, {"inputs": "channels-first"}, "conv2d",
         COLOURED[..., [0] * 9].transpose(0, 2, 3, 1) / 255, ()),
        (COLOURED, {}, "conv2d", COLOURED / 255, (
            "Pixels from 0 to 255 were divided by 255; --divide 1 leaves them.",)),
        (COLOURED, {"divide": 1}, "conv2d", COLOURED, ()),
        (COLOURED * 100.5, {}, "conv2d", COLOURED * 100.5, (
            "x reaches from 0 to 2.56e+04, and networks train badly on such inputs; --divide "
            "2.56e+04 makes them smaller.",)),
        (X[..., None] * 1e5, {"divide": 1e5}, "lstm", X[..., None], ()),
        (X, {"inputs": "sequences"}, "lstm", X[..., None], ()),
    ],
)  # fmt: skip
def test_what_rows_are_is_guessed_and_said_or_given(
    x: Any, options: Any, network: str, made: Any, notes: tuple[str, ...], tmp_path: Path
) -> None:
    problem = read_arrays(saved(tmp_path / "d.npz", x=x, y=Y), **options)
    assert problem.network == network and problem.notes == notes
    assert problem.x.dtype == np.float32
    np.testing.assert_allclose(problem.x, made, rtol=1e-6)


def test_rows_of_many_axes_may_be_a_table(tmp_path: Path) -> None:
    problem = read_arrays(saved(tmp_path / "d.npz", x=COLOURED, y=Y), inputs="numbers")
    assert problem.network == "dense" and problem.x.shape == (40, 9 * 8 * 3)


def test_ids_of_tokens_are_noticed(tmp_path: Path) -> None:
    ids = random.integers(1, 5000, size=(40, 20))
    ids[:, 12:] = np.where(random.random((40, 8)) < 0.5, 0, ids[:, 12:])  # padded
    problem = read_arrays(saved(tmp_path / "d.npz", x=ids, y=Y))
    assert problem.notes == (
        f"x holds whole numbers from 0 to {ids.max()} in all columns, which were standardized as "
        f"amounts; if they are ids, as of tokens, give your own network with an Embedding layer "
        f"(--model), into which they go as they are.",
    )
    other = np.stack([random.integers(0, 10**n, 40) for n in range(1, 9)], axis=1)
    assert read_arrays(saved(tmp_path / "d.npz", x=other, y=Y)).notes == ()
    assert read_arrays(saved(tmp_path / "d.npz", x=ids / 7, y=Y)).notes == ()


@pytest.mark.parametrize("as_given", [False, True])
def test_rows_that_are_in_two_parts_are_noticed(as_given: bool, tmp_path: Path) -> None:
    arrays = {"x": X, "y": Y, "x_test": np.concatenate([X[:3], X[3:9] + 1]), "y_test": Y[:9]}
    problem = read_arrays(saved(tmp_path / "d.npz", **arrays), as_given=as_given)
    (note,) = problem.notes
    assert note.startswith("3 of 9 test rows are training rows too")


def test_a_class_in_test_rows_only_is_noticed_by_its_name(tmp_path: Path) -> None:
    names = np.array(["cat", "dog", "emu"])
    arrays = {"x": X, "y": names[Y], "x_test": X + 9, "y_test": names[np.arange(40) % 3]}
    (note,) = read_arrays(saved(tmp_path / "d.npz", **arrays)).notes
    assert note.startswith("Class 'emu' of y is in 13 test rows but in no training row")


def test_labels_that_are_bytes_are_text(tmp_path: Path) -> None:
    """Regression: they were refused as no input, though they are the target."""
    names = np.array(["käse".encode(), b"brot"])
    problem = read_arrays(saved(tmp_path / "d.npz", x=X, y=names[Y]))
    assert problem.class_names == ("brot", "käse")
    np.testing.assert_array_equal(problem.y, 1 - Y)


def test_numbers_that_are_text_are_noted(tmp_path: Path) -> None:
    problem = read_arrays(saved(tmp_path / "d.npz", x=X, y=(Y + 1).astype(str)))
    assert problem.class_names == ("1", "2")
    assert problem.notes == ("Column 'y' holds numbers that are text and was read as labels.",)


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
        (of(x=X, y=np.eye(40)), ["y of shape (40, 40)", "y.argmax(axis=1)", "--model"]),
        (of(x=COLOURED, y=Y, x_test=COLOURED / 255, y_test=Y), ["up to 255", "test rows up to 1"]),
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


def test_three_rows_are_too_few(tmp_path: Path) -> None:
    assert message(read_arrays, saved(tmp_path / "d.npz", x=X[:3], y=Y[:3])) == (
        "The table has 3 rows with a value in target column 'y', but to train, validate and test "
        "takes at least 20; give more rows."
    )


@pytest.mark.parametrize(
    ("x", "options", "sentence"),
    [
        (X, {"inputs": "image"}, "There is no kind of inputs 'image': did you mean 'images'?"),
        (X, {"inputs": "images"}, "has rows of shape (3,), which are no images, [height, width] or "
         "[height, width, channels]: take 'numbers' or 'sequences'."),
        (X, {"divide": 2.0}, "has x that is a table of numbers, which are standardized: leave out "
         "--divide."),
        (COLOURED, {"divide": 0.0}, "--divide takes a finite number above 0, got 0."),
    ],
)  # fmt: skip
def test_options_that_do_not_fit(x: Any, options: Any, sentence: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "d.npz", x=x, y=Y)
    assert message(read_arrays, path, **options).removeprefix(f"{path} ") == sentence


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


PATIENTS = np.array([f"p{i // 4}" for i in range(40)])
DAYS = np.datetime64("2024-01-01") + np.arange(40)


def test_groups_and_times_are_arrays_of_their_own(tmp_path: Path) -> None:
    problem = read_arrays(saved(tmp_path / "d.npz", x=X, y=Y, groups=PATIENTS))
    assert problem.groups is not None and problem.groups.tolist() == PATIENTS.tolist()
    assert problem.time is None and problem.groups.name == "groups"
    column = PATIENTS[:, None].astype("S")
    path = saved(tmp_path / "d.npz", x=X, y=Y, person=column, day=DAYS, groups=Y)
    found = read_arrays(path, group="person").groups
    assert found is not None and (found.name, found.tolist()) == ("person", PATIENTS.tolist())
    assert read_arrays(path).groups is not None and read_arrays(path).time is None
    for days in (DAYS, DAYS.astype(str), np.arange(40.0)):
        made = read_arrays(saved(path, x=X, y=Y, day=days, groups=Y), time="day", gap=3)
        assert made.groups is None and made.time is not None and made.gap == 3
        assert made.time.is_monotonic_increasing and made.time.nunique() == 40
    own = read_arrays(saved(path, x=X, y=Y, time=DAYS), as_given=True)
    assert own.time is not None and own.ties["time"] is own.time


@pytest.mark.parametrize(
    ("arrays", "options", "sentence"),
    [
        ({"groups": PATIENTS[:39]}, {}, "has 39 values in 'groups' (--group) and 40 rows in x: "
         "give one value for each row of x."),
        ({"time": np.zeros((40, 2))}, {}, "has an array 'time' (--time) of shape (40, 2), but one "
         "value for each row of x is expected: give it the shape (40,)."),
        ({"groups": np.array(3)}, {}, "has an array 'groups' (--group) of shape (), but one value "
         "for each row of x is expected: give it the shape (40,)."),
        ({"patient": PATIENTS}, {"group": "patients"}, "has no array named 'patients' (--group): "
         "did you mean 'patient'?"),
        ({}, {"time": "y"}, "--time names 'y', which holds inputs or targets: give the array of "
         "one value for each row that says what rows have to do with each other."),
        ({"time": PATIENTS}, {}, "--time: array 'time' holds neither dates nor numbers, such as "
         "'p0': give dates or numbers that rise with time."),
    ],
)  # fmt: skip
def test_groups_and_times_that_fit_no_rows(
    arrays: Any, options: Any, sentence: str, tmp_path: Path
) -> None:
    path = saved(tmp_path / "d.npz", x=X, y=Y, **arrays)
    assert message(read_arrays, path, **options).removeprefix(f"{path} ") == sentence
