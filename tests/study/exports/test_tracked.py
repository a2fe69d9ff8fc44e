"""A finished study as other tools take it."""

import dataclasses
from pathlib import Path

import pytest

from tracked_cases import tracked, with_methods
from wane import InputError
from wane.study.exports import tracked as module


def test_the_frame_has_a_row_for_each_run_with_its_candidates_fields(tmp_path: Path) -> None:
    one = tracked(tmp_path)
    frame = one.frame()
    assert list(frame.columns) == [
        "candidate", "penalty", "strength", "layers", "on", "chosen", "l2", "dropout",
        "early_stopping", "repeat", "diverged", "train_data_loss", "validation_data_loss",
        "train_auc", "validation_auc", "validation_auc_exact", "norm_hidden:bias",
    ]  # fmt: skip
    assert list(frame["l2"]) == [0, 0, 0.001, 0.001, 0.1, 0.1, 0, 0, 1, 1]
    assert list(frame["dropout"].dropna().index) == [4, 5]
    assert frame["early_stopping"].dropna().to_dict() == {6: 3, 7: 3}
    assert list(frame[frame["chosen"]].index) == [2, 3]
    assert list(frame[frame["diverged"]].index) == [9]
    for name in one.runs:
        assert frame[name].equals(one.runs[name])


def test_the_frame_of_a_comparison_names_the_methods(tmp_path: Path) -> None:
    frame = with_methods(tracked(tmp_path)).frame()
    assert list(frame["method"]) == ["none"] * 2 + ["others"] * 8


def test_every_run_has_its_curve_and_numbers(tmp_path: Path) -> None:
    one = tracked(tmp_path)
    runs = list(one.each())
    assert [(run.candidate, run.repeat) for run in runs] == [
        (row["candidate"], row["repeat"]) for row in one.runs.to_dict("records")
    ]
    assert [len(run.epochs) for run in runs] == [5] * 9 + [3]
    assert [run.diverged for run in runs] == [False] * 9 + [True]
    own = one.curves[(one.curves["candidate"] == "L2(0.001)") & (one.curves["repeat"] == 1)]
    assert runs[3].curves["validation_auc"] == list(own["validation_auc"])
    assert runs[3].epochs == [1, 2, 3, 4, 5]


def test_a_step_between_epochs_keeps_the_first_and_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = tracked(tmp_path, epochs=6)

    def epochs(every: int | None) -> list[int]:
        return next(one.each(every)).epochs

    assert epochs(None) == epochs(1) == [1, 2, 3, 4, 5, 6]
    assert epochs(4) == [1, 5, 6]
    monkeypatch.setattr(module, "MOST_EPOCHS", 30)  # of 57
    assert epochs(None) == [1, 3, 5, 6]
    assert epochs(1) == [1, 2, 3, 4, 5, 6]
    with pytest.raises(InputError, match=r"every must be a whole number of at least 1, got 0\."):
        next(one.each(0))


@pytest.mark.parametrize(
    ("select_by", "watched"),
    [
        ("data_loss", "validation_data_loss"),
        ("auc", "validation_auc"),
        ("auc_exact", "validation_auc"),
        ("roc_auc", "validation_data_loss"),
    ],
)
def test_the_curve_is_that_of_what_candidates_are_chosen_by(
    tmp_path: Path, select_by: str, watched: str
) -> None:
    assert tracked(tmp_path, select_by=select_by).watched == watched


def test_which_way_is_better_is_known_or_said_to_be_unknown(tmp_path: Path) -> None:
    assert tracked(tmp_path).lower_is_better
    assert not tracked(tmp_path, select_by="auc", direction="up").lower_is_better
    assert tracked(tmp_path, direction=None).lower_is_better
    with pytest.raises(InputError) as raised:
        _ = tracked(tmp_path, select_by="auc", direction=None).lower_is_better
    assert str(raised.value) == (
        "An earlier version of wane ran 'by hand' and did not write whether a higher or a lower "
        "validation_auc is better: run the study again in a new folder."
    )


def test_artifacts_are_those_that_are_there(tmp_path: Path) -> None:
    one = tracked(tmp_path)
    assert one.artifacts == []
    (tmp_path / "report.html").touch()
    assert one.artifacts == [tmp_path / "report.html"]
    assert dataclasses.replace(one, folder=tmp_path / "nowhere").artifacts == []
