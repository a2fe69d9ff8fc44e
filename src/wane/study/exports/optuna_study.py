"""A study as one of Optuna's, a trial for each run."""

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wane._errors import InputError, one_line
from wane.study.exports.packages import package, without_password
from wane.study.exports.parameters import Value
from wane.study.exports.tracked import Tracked, TrackedRun
from wane.study.journal.json_files import finite


def write_optuna(tracked: Tracked, storage: Any, name: str | None, every: int | None) -> Any:
    """Write a study into a storage of Optuna's; see :meth:`wane.Result.to_optuna`."""
    optuna = package("optuna", "optuna")
    name = tracked.name if name is None else name
    way = "minimize" if tracked.lower_is_better else "maximize"
    with _reported(optuna, storage, name):
        # Made once, as a storage that is named would be opened for each step.
        storage = optuna.storages.get_storage(storage)
        study = optuna.create_study(storage=storage, study_name=name, direction=way)
        try:
            _describe(optuna, study, tracked)
            distributions = _distributions(optuna, list(tracked.parameters().values()))
            for run in tracked.each(every):
                study.add_trial(_trial(optuna, tracked, run, distributions))
        except BaseException:  # half a study would be taken for a whole one
            with contextlib.suppress(Exception):
                optuna.delete_study(study_name=name, storage=storage)
            raise
    return study


def _describe(optuna: Any, study: Any, tracked: Tracked) -> None:
    about = {
        "answer": tracked.document["verdict"]["answer"],
        "verdict": tracked.document["verdict"]["text"],
        "chosen": tracked.document["chosen"],
        "value": tracked.select_by,
        "intermediate_values": tracked.watched,
        **tracked.settings,
    }
    for key, value in about.items():
        study.set_user_attr(key, finite(value))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.set_metric_names([tracked.select_by])


def _distributions(optuna: Any, given: Sequence[Mapping[str, Value]]) -> dict[str, Any]:
    """Over what each parameter ranges in the study, strengths on a log scale."""
    made = optuna.distributions
    found: dict[str, Any] = {}
    for name in given[0]:
        values: list[Any] = [own[name] for own in given if _is_given(own[name])]
        if not values:
            continue
        if any(isinstance(value, str) for value in values):
            found[name] = made.CategoricalDistribution(list(dict.fromkeys(values)))
        elif all(isinstance(value, int) for value in values):
            found[name] = made.IntDistribution(min(values), max(values))
        else:
            on_log_scale = not any(own[name] is None for own in given)
            found[name] = made.FloatDistribution(min(values), max(values), log=on_log_scale)
    return found


def _is_given(value: Value) -> bool:
    """Whether a trial has the parameter: a log scale has no 0, which is no penalty."""
    return value is not None and not (isinstance(value, float) and value == 0)


def _trial(optuna: Any, tracked: Tracked, run: TrackedRun, distributions: Mapping[str, Any]) -> Any:
    states = optuna.trial.TrialState
    own = {
        name: value
        for name, value in run.parameters.items()
        if name in distributions and _is_given(value)
    }
    value = run.numbers[tracked.select_by]
    known = value == value  # a scorer may have none though the run did not diverge
    facts = {"candidate": run.candidate, "repeat": run.repeat, "diverged": run.diverged}
    numbers = finite(dict(run.numbers))
    attributes = {**facts, **run.facts, **numbers}
    return optuna.trial.create_trial(
        state=states.COMPLETE if known else states.FAIL,
        value=value if known else None,
        params=own,
        distributions={name: distributions[name] for name in own},
        user_attrs={key: value for key, value in attributes.items() if value is not None},
        intermediate_values=dict(zip(run.epochs, run.curves[tracked.watched], strict=True)),
    )


@contextlib.contextmanager
def _reported(optuna: Any, storage: Any, name: str) -> Iterator[None]:
    """Report in one sentence why a storage takes no study."""
    database_errors = package("sqlalchemy.exc", "optuna").SQLAlchemyError
    try:
        yield
    except optuna.exceptions.DuplicatedStudyError as error:
        raise InputError(
            f"There is a study called {name!r} in {_shown(storage)} already, which was left as it "
            f"is: give another name or storage."
        ) from error
    except (optuna.exceptions.OptunaError, database_errors, ImportError, OSError) as error:
        whole = error.__cause__ if isinstance(error.__cause__, database_errors) else error
        why = getattr(whole, "orig", None) or whole  # without the statement in SQL
        raise InputError(
            f"Optuna cannot write to {_shown(storage)} ({one_line(why)}), so no study is there: "
            f"give a storage such as 'sqlite:///studies.db' that no other program has locked."
        ) from error


def _shown(storage: Any) -> str:
    """A storage for messages."""
    if isinstance(storage, str):
        return repr(without_password(storage))
    return f"the storage {type(storage).__name__}"
