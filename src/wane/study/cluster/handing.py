"""A study handed to workers: one object for the store, from which each makes the same session.

Values of NumPy, pandas and wane cross as they are, models as ``.keras`` files, and classes and
functions of the user's script by their code, as Ray hands its own tasks over. Arrays lie apart, so
that all workers of a machine read the one copy in its object store.
"""

import dataclasses
import io
import pickle
from typing import Any, NamedTuple

import numpy as np

from wane._errors import InputError, one_line
from wane.keras_model.copies import is_model
from wane.keras_model.crossing.packing import packed_model, unpacked_model
from wane.keras_model.crossing.settings import settings_document, take_settings
from wane.study.running.session import Session
from wane.study.spec.spec import StudySpec
from wane.training.execution import Execution

_NOT_TRAINED_BY: dict[str, Any] = {
    "validation": 0.25,
    "test": None,
    "groups": None,
    "time": None,
    "select_by": None,
    "matters": None,
    "scoring": {},
    "references": {},
    "methods": {},
    "class_names": (),
    "describe_transform": None,
    "account": None,
}
"""What of a specification no run depends on, once its rows are made and divided."""


class Packed(NamedTuple):
    """A study as the object store has it.

    Attributes:
        content: all of it but the values of arrays.
        arrays: these, as bytes, [bytes] each.
    """

    content: bytes
    arrays: list[np.ndarray]

    @property
    def bytes(self) -> int:
        """How large it is."""
        return len(self.content) + sum(array.nbytes for array in self.arrays)


def packed(session: Session, execution: Execution) -> Packed:
    """What :func:`unpacked` makes the same session of, in another process.

    Args:
        session: a study as it began, without the candidates that it has added since.
        execution: how each worker is to lay runs on its cores.

    Raises:
        InputError: naming what cannot be handed over.
    """
    count = session.spec.given_count
    spec = dataclasses.replace(
        session.spec, **_NOT_TRAINED_BY, candidates=session.spec.candidates[:count], given=None
    )
    document = {
        "keras": settings_document(),
        "spec": spec,
        "whole": session.whole,
        "execution": execution,
    }
    buffers: list[pickle.PickleBuffer] = []
    content = dumps(document, buffers)
    return Packed(content, [np.frombuffer(one.raw(), np.uint8) for one in buffers])


def unpacked(packed: Packed) -> Session:
    """The session of a study that was handed over, laid on this process's cores."""
    document = pickle.loads(packed.content, buffers=packed.arrays)
    take_settings(document["keras"])
    spec: StudySpec = document["spec"]
    session = Session(spec, whole=document["whole"])
    session.lay(document["execution"])
    return session


def dumps(value: Any, buffers: list[pickle.PickleBuffer] | None = None) -> bytes:
    """A value as bytes, with models as files and code of the user's script by its text.

    Args:
        value: what is to be handed over.
        buffers: gets the values of arrays; None leaves them among the bytes.

    Raises:
        InputError: naming what cannot be handed over.
    """
    from ray.cloudpickle import CloudPickler

    class Pickler(CloudPickler):  # type: ignore[misc] # Ray has no types here
        def reducer_override(self, one: Any) -> Any:
            if is_model(one):
                return unpacked_model, packed_model(one)
            return super().reducer_override(one)

    file = io.BytesIO()
    take = None if buffers is None else buffers.append
    try:
        Pickler(file, protocol=5, buffer_callback=take).dump(value)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"The study cannot be handed to the workers of a cluster, since a part of it cannot be "
            f"pickled ({one_line(error).rstrip('.')}): give one that can, or train it here, "
            f"without ray (--ray)."
        ) from error
    return file.getvalue()
