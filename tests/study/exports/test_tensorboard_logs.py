"""A study as logs, read back by TensorBoard's own readers."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wane
from tracked_cases import tracked
from wane import InputError
from wane.study.exports.tensorboard_logs import write_tensorboard

pytest.importorskip("tensorboard")


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The scalars of a run by tag, as (step, value)."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    read = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
    found = {}
    for tag in read.Tags()["tensors"]:
        if not tag.startswith("_hparams_/"):
            events = read.Tensors(tag)
            values = [float(tensor_util.make_ndarray(one.tensor_proto)) for one in events]
            found[tag] = list(zip((one.step for one in events), values, strict=True))
    return found


def hparams(folder: Path) -> tuple[Any, Any]:
    """The experiment and the session groups, as TensorBoard's HParams plugin reads them."""
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

    multiplexer = EventMultiplexer().AddRunsFromDirectory(str(folder)).Reload()
    provider = MultiplexerDataProvider(multiplexer, str(folder))
    context = backend_context.Context(TBContext(data_provider=provider))
    request = RequestContext()
    experiment = context.experiment_from_metadata(
        request, "", True, context.hparams_metadata(request, ""), []
    )
    columns = [{"metric": one.name} for one in experiment.metric_infos]
    columns += [{"hparam": one.name} for one in experiment.hparam_infos]
    asked = api_pb2.ListSessionGroupsRequest(
        allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE],
        col_params=[{**column, "include_in_result": True} for column in columns],
        start_index=0,
        slice_size=100,
        aggregation_type=api_pb2.AGGREGATION_AVG,
    )
    answer = list_session_groups.Handler(request, context, "", asked).run()
    return experiment, answer.session_groups


def test_tensorboard_reads_every_number_back(tmp_path: Path) -> None:
    one = tracked(tmp_path)
    place = write_tensorboard(one, tmp_path / "logs", None)
    for run in one.each():
        found = scalars(place / run.candidate / str(run.repeat))
        for name, values in run.curves.items():
            curve = list(zip(run.epochs, values, strict=True))
            assert np.array_equal(found.pop(name), curve, equal_nan=True)
        last = run.epochs[-1]
        assert found == {
            f"final_{name}": [(last, float(np.float32(value)))]
            for name, value in run.numbers.items()
            if not run.diverged
        }


def test_no_tensorflow_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "raise AssertionError('it takes seconds, and is not needed')"
    (tmp_path / "tensorflow.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    assert write_tensorboard(tracked(tmp_path), tmp_path / "logs", None).is_dir()


def test_its_hparams_have_a_group_for_each_candidate(tmp_path: Path) -> None:
    one = tracked(tmp_path)
    experiment, groups = hparams(write_tensorboard(one, tmp_path / "logs", None))
    domains = {one.name: one for one in experiment.hparam_infos}
    assert domains["l2"].domain_interval.max_value == 1.0
    assert [
        (one.name.group, one.name.tag, one.display_name) for one in experiment.metric_infos
    ] == [
        ("", "final_validation_data_loss", "validation_data_loss"),
        ("", "final_train_data_loss", "train_data_loss"),
    ]
    by_name = {group.name: group for group in groups}
    assert set(by_name) == set(one.spec.names)
    for name, parameters in one.parameters().items():
        group = by_name[name]
        given = {key: value for key, value in parameters.items() if value is not None}
        assert {key: value.number_value for key, value in group.hparams.items()} == given
        assert len(group.sessions) == 2
        losses = one.runs[one.runs["candidate"] == name]["validation_data_loss"].dropna()
        means = {one.name.tag: one.value for one in group.metric_values}
        assert means["final_validation_data_loss"] == pytest.approx(losses.mean(), rel=1e-6)
    states = [session.status for session in by_name[one.spec.names[-1]].sessions]
    assert sorted(states) == [1, 2]  # success and failure


def test_networks_are_a_set_of_texts(tmp_path: Path) -> None:
    one = tracked(tmp_path, [(), *((wane.Network(None, title),) for title in ("a/b", "A:B"))])
    experiment, groups = hparams(write_tensorboard(one, tmp_path / "logs", 2))
    (network,) = experiment.hparam_infos
    assert [value.string_value for value in network.domain_discrete.values] == ["A:B", "a/b"]
    assert {group.name for group in groups} == {"baseline", "a/b", "A:B"}
    folders = sorted(path.name for path in (tmp_path / "logs").iterdir() if path.is_dir())
    assert folders == ["A_B-2", "a_b", "baseline"]
    assert [step for step, _ in scalars(tmp_path / "logs" / "a_b" / "0")["train_auc"]] == [1, 3, 5]


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    one = tracked(tmp_path)
    (tmp_path / "mine").touch()
    for place in (tmp_path, tmp_path / "mine"):
        with pytest.raises(InputError) as raised:
            write_tensorboard(one, place, None)
        assert str(raised.value) == (
            f"{str(place)!r} is there already and is no empty folder; nothing was written: give a "
            f"new one."
        )
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    with pytest.raises(InputError, match=r"The folder '.*' cannot be written \(Not a directory\)"):
        write_tensorboard(one, tmp_path / "mine" / "logs", None)


def test_without_tensorboard_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    for name in [name for name in sys.modules if name.startswith("tensorboard.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(InputError, match=r"^tensorboard cannot be .*: pip install tensorboard\.$"):
        write_tensorboard(tracked(tmp_path), tmp_path / "logs", None)
    assert not (tmp_path / "logs").exists()
