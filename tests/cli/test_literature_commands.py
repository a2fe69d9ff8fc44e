"""``wane presets`` and ``wane convert`` as they are called."""

import json

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from wane.cli import app
from wane.literature import CONVENTIONS, presets
from wane.penalties import CATALOGUE


def called(*arguments: str, width: int = 80) -> Result:
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(app, list(arguments))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_strength_is_converted_with_its_formula() -> None:
    done = called("convert", "5e-4", "--from", "pytorch-sgd", "--to", "keras-l2")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "l2 = weight_decay / 2 = 0.0005 / 2 = 0.00025"
    assert done.stdout == called("convert", "5e-4", "--from", "pytorch-sgd").stdout


def test_every_option_of_a_conversion_arrives() -> None:
    options = ("--batch-size", "20", "--rows", "100", "--plain-sgd", "--mean-squared-error",
               "--target-sd", "10")  # fmt: skip
    found = {}
    for source in CONVENTIONS:
        done = called("convert", "1", "--from", source, *options, "--json")
        found[source] = json.loads(done.stdout)["value"]
    assert found == {
        "keras-l2": 1,
        "pytorch-sgd": 0.5,
        "glmnet": 0.1,
        "sklearn-mlp": 0.05,
        "gaussian-prior": 0.01,
        "keras-weight-decay": 0.5,
    }


def test_the_help_names_every_convention() -> None:
    text = " ".join(called("convert", "--help", width=200).stdout.split())
    assert all(name in text for name in CONVENTIONS)


def test_the_help_names_every_penalty() -> None:
    text = " ".join(called("study", "--help", width=200).stdout.split())
    *others, last = CATALOGUE
    assert f"{', '.join(others)} or {last}; several for more." in text


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_of_presets_has_a_line_for_each_in_every_table(width: int) -> None:
    done = called("presets", width=width)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    tables = sum(line.startswith("preset ") for line in lines)
    assert tables == {80: 3, 120: 2}[width]
    assert max(map(cell_len, lines)) <= width
    for name, preset in presets.items():
        assert sum(line.startswith(f"{name} ") for line in lines) == tables
        assert sum(line.rstrip().endswith(f"  {preset.source}") for line in lines) >= 1


def test_presets_are_printed_as_json() -> None:
    assert json.loads(called("presets", "--json").stdout) == json.loads(
        json.dumps(presets.document())
    )
    vgg = json.loads(called("presets", "vgg", "--json").stdout)
    assert (vgg["name"], vgg["use"]) == ("vgg", "L2(0.00025)")


def test_one_preset_is_shown_in_full() -> None:
    done = called("presets", "vgg")
    assert done.stdout.startswith("vgg\nmodel      VGG ")
    assert "https://arxiv.org/abs/1409.1556" in done.stdout


STRENGTH = "value must be a finite number of at least 0, got"
REFUSALS: list[tuple[tuple[str, ...], str]] = [
    (
        ("presets", "vgg19"),
        "There is no preset 'vgg19': did you mean 'vgg'? Available: 'alexnet', 'vgg', ",
    ),
    (("convert", "1", "--from", "torch"), "There is no convention 'torch'; available: 'keras-l2'"),
    (("convert", "-1", "--from", "glmnet"), f"{STRENGTH} -1.0: 0 is no penalty."),
    (("convert", "nan", "--from", "glmnet"), f"{STRENGTH} nan: 0 is no penalty."),
    (("convert", "inf", "--from", "glmnet"), f"{STRENGTH} inf: 0 is no penalty."),
    (
        ("convert", "1", "--from", "sklearn-mlp"),
        "'sklearn-mlp' depends on the rows of a batch: give batch_size (--batch-size).",
    ),
    (
        ("convert", "1", "--from", "gaussian-prior", "--rows", "0"),
        "rows must be a whole number of at least 1, got 0.",
    ),
    (
        ("convert", "1", "--from", "keras-weight-decay"),
        "'keras-weight-decay' is decoupled from the gradient and equals a penalty only for SGD",
    ),
]


@pytest.mark.parametrize(("arguments", "expected"), REFUSALS)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    arguments: tuple[str, ...], expected: str
) -> None:
    done = called(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: {expected}")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("convert", "1"), "Missing option '--from'"),
        (("convert", "weak", "--from", "glmnet"), "Invalid value for 'VALUE'"),
        (("convert", "1", "--from", "glmnet", "--row", "3"), "--row"),
    ],
)
def test_a_call_of_the_wrong_form_says_what_is_wrong(
    arguments: tuple[str, ...], expected: str
) -> None:
    done = called(*arguments)
    assert done.exit_code == 2
    assert expected in done.stderr and "Traceback" not in done.stderr
