"""What the command line does on Ctrl-C and SIGTERM: once, it ends in order; twice, at once.

For a process of wane's own; in Python, signals are the user's to handle.
"""

import os
import signal
import sys
from types import FrameType

SHOW_CURSOR = "\x1b[?25h"  # a progress bar hides it
HEEDED = (signal.SIGINT, signal.SIGTERM)

_received = signal.SIGINT


def heed_signals() -> None:
    """Let SIGTERM interrupt as Ctrl-C does, and a second one of either end the process at once."""
    for number in HEEDED:
        if signal.getsignal(number) != signal.SIG_IGN:  # as a shell's background jobs and nohup ask
            signal.signal(number, _end_in_order)


def exit_code() -> int:
    """What a process exits with that was interrupted, as shells have it."""
    return 128 + _received


def _end_in_order(number: int, frame: FrameType | None) -> None:
    del frame
    global _received
    _received = signal.Signals(number)
    for other in HEEDED:
        signal.signal(other, _end_at_once)
    raise KeyboardInterrupt


def _end_at_once(number: int, frame: FrameType | None) -> None:
    """End without waiting for calls that are under way; the journal is whole at any moment."""
    del frame
    cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
    message = f"{cursor}Ended at once; runs that had finished are kept.\n"
    os.write(2, message.encode())
    os._exit(128 + number)
