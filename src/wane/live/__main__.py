"""``python -m wane.live FOLDER PROCESS`` serves the page of a study that a process trains."""

import sys
from pathlib import Path

from wane.live.process import serve_beside

if __name__ == "__main__":
    serve_beside(Path(sys.argv[1]), int(sys.argv[2]))
