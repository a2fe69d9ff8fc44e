"""A study as logs of TensorBoard: scalars and hyperparameters of each run."""

import itertools
import math
import re
import time
from pathlib import Path
from typing import Any

from wane._errors import InputError
from wane.study.exports.packages import package
from wane.study.exports.parameters import Value
from wane.study.exports.tracked import Tracked, TrackedRun
from wane.study.journal.json_files import reason

_FORBIDDEN = re.compile(r"[^\w.,()=+ -]")


def write_tensorboard(tracked: Tracked, directory: str | Path, every: int | None) -> Path:
    """Write a study's logs into a new folder; see :meth:`wane.Result.to_tensorboard`."""
    write = _Writing()
    place = Path(directory)
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise InputError(
                f"{str(place)!r} is there already and is no empty folder; nothing was written: "
                f"give a new one."
            )
        place.mkdir(parents=True, exist_ok=True)
        folders = _folders(tracked.spec.names)
        write.events(place, [write.experiment(tracked)])
        for run in tracked.each(every):
            folder = place / folders[run.candidate] / str(run.repeat)
            folder.mkdir(parents=True)
            write.events(folder, write.of_run(run))
    except OSError as error:
        raise InputError(
            f"The folder {str(place)!r} cannot be written ({reason(error)}): give another one."
        ) from error
    return place


class _Writing:
    """Events of TensorBoard, written without TensorFlow."""

    def __init__(self) -> None:
        def module(name: str) -> Any:
            return package(f"tensorboard.{name}", "tensorboard")

        self._event = module("compat.proto.event_pb2").Event
        self._summary = module("compat.proto.summary_pb2").Summary
        self._records = module("summary.writer.record_writer").RecordWriter
        self._scalar = module("plugins.scalar.summary_v2").scalar_pb
        self._hparams = module("plugins.hparams.summary_v2")
        self._status = module("plugins.hparams.api_pb2").Status
        self._data = module("plugins.hparams.plugin_data_pb2")
        self._metadata = module("plugins.hparams.metadata")

    def events(self, folder: Path, summaries: Any) -> None:
        """Write a file of events of (step, summary)."""
        now = time.time()
        with (folder / f"events.out.tfevents.{int(now)}.wane").open("xb") as file:
            records = self._records(file)
            records.write(
                self._event(wall_time=now, file_version="brain.Event:2").SerializeToString()
            )
            for step, summary in summaries:
                event = self._event(wall_time=now, step=step, summary=summary)
                records.write(event.SerializeToString())

    def experiment(self, tracked: Tracked) -> tuple[int, Any]:
        """The hyperparameters and metrics of all runs."""
        of_candidates = list(tracked.parameters().values())
        hparams = [
            self._hparams.HParam(name, self._domain([own[name] for own in of_candidates]))
            for name in of_candidates[0]
        ]
        losses = [name for name in map(str, tracked.runs) if name.endswith("_data_loss")]
        shown = dict.fromkeys([tracked.select_by, *losses])
        metrics = [self._hparams.Metric(f"final_{name}", display_name=name) for name in shown]
        return 0, self._hparams.hparams_config_pb(hparams=hparams, metrics=metrics)

    def _domain(self, values: list[Value]) -> Any:
        """What a hyperparameter may be."""
        known: list[Any] = [value for value in values if value is not None]
        if isinstance(known[0], str):
            return self._hparams.Discrete(list(dict.fromkeys(known)))
        return self._hparams.RealInterval(float(min(known)), float(max(known)))

    def of_run(self, run: TrackedRun) -> Any:
        """The hyperparameters, the curve and the final numbers of a run."""
        # The runs of a candidate are one group, over which TensorBoard shows means.
        own = {name: value for name, value in run.parameters.items() if value is not None}
        numbers = {name: float(v) if isinstance(v, int) else v for name, v in own.items()}
        yield 0, self._hparams.hparams_pb(numbers, trial_id=run.candidate)
        for epoch, *values in zip(run.epochs, *run.curves.values(), strict=True):
            yield epoch, self._scalars(dict(zip(run.curves, values, strict=True)))
        known = {f"final_{k}": v for k, v in run.numbers.items() if not math.isnan(v)}
        yield run.epochs[-1], self._scalars(known)
        status = self._status.STATUS_FAILURE if run.diverged else self._status.STATUS_SUCCESS
        yield 0, self._end(status)

    def _end(self, status: Any) -> Any:
        """How a run ended, which TensorBoard itself writes with TensorFlow only."""
        info = self._data.SessionEndInfo(status=status, end_time_secs=time.time())
        content = self._data.HParamsPluginData(session_end_info=info)
        whole = self._summary()
        whole.value.add(
            tag=self._metadata.SESSION_END_INFO_TAG,
            metadata=self._metadata.create_summary_metadata(content),
            tensor=self._metadata.NULL_TENSOR,
        )
        return whole

    def _scalars(self, values: dict[str, float]) -> Any:
        """A summary of several scalars."""
        whole = self._summary()
        for name, value in values.items():
            whole.MergeFrom(self._scalar(name, value))
        return whole


def _folders(names: tuple[str, ...]) -> dict[str, str]:
    """A name of a folder for each candidate, each one different also where case makes no odds."""
    found: dict[str, str] = {}
    for name in names:
        free = base = _FORBIDDEN.sub("_", name)[:100].rstrip(". ") or "_"
        numbers = itertools.count(2)
        while free.casefold() in map(str.casefold, found.values()):
            free = f"{base}-{next(numbers)}"
        found[name] = free
    return found
