"""Memory that compiling leaves behind."""

import ctypes
import sys

import psutil
import pytest

from wane.training import memory


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc gives memory back when asked")
def test_freed_memory_goes_back_to_the_system() -> None:
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("this C library is not glibc")
    memory.give_back()
    # Blocks below the size for which memory is mapped; a last one keeps the top in use.
    blocks = [bytearray(100_000) for _ in range(1000)]
    for block in blocks:
        block[:] = b"1" * len(block)
    last = blocks.pop()
    del blocks, block
    before = psutil.Process().memory_info().rss
    memory.give_back()
    assert before - psutil.Process().memory_info().rss > 60_000_000
    assert last


def test_another_c_library_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object) -> object:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", none)
    memory._trim.cache_clear()
    try:
        memory.give_back()
    finally:
        memory._trim.cache_clear()
