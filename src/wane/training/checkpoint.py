"""A run between two calls, written down so that another process can resume it."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from wane.training.program import RunState


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """What it takes to resume a run that has not ended, to the bit.

    Attributes:
        candidate, repeat: which run it is.
        epoch: the epochs that it has trained.
        stopped: whether a callback has stopped it.
        curves: what those epochs showed, [epochs, columns] float32; fewer rows after a divergence.
        state: the bytes of every array of its :class:`RunState`, in JAX's order of them.
    """

    candidate: int
    repeat: int
    epoch: int
    stopped: bool
    curves: np.ndarray
    state: bytes

    def restored(self, like: RunState) -> RunState:
        """The state, with the shapes and types of another of the same program.

        Raises:
            ValueError: if the bytes are not those of such a state.
        """
        leaves, structure = jax.tree.flatten(like)
        if len(self.state) != sum(leaf.nbytes for leaf in leaves):
            raise ValueError("the bytes of a checkpoint are not those of its program's state")
        values, offset = [], 0
        for leaf in leaves:
            value = np.frombuffer(self.state, leaf.dtype, leaf.size, offset)
            values.append(jnp.asarray(value.reshape(leaf.shape)))
            offset += leaf.nbytes
        return jax.tree.unflatten(structure, values)  # type: ignore[no-any-return] # a RunState


def bytes_of(state: RunState) -> bytes:
    """The bytes of every array of a state that is on the host."""
    return b"".join(np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(state))
