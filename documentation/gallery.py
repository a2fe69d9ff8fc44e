"""The gallery: a page of the scripts in ``examples/``, with their figures."""

import ast
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
PAGE = ROOT / "docs" / "gallery" / "index.md"
COLOURS = 128
"""Of a picture: its size falls to a third, and nothing of it can be seen."""
WIDTH = 1200
"""The widest that a picture is, in pixels."""
BEGINNING = """# Gallery

Twelve short scripts on what the published case leaves to its reader and what its readers ask, each
with its figure. Each runs in less than a minute on two cores: `python examples/NAME.py` writes the
figure, and `python -m documentation --figures` makes all of them and this page.
"""


def words(script: Path) -> tuple[str, str]:
    """The title of a script, and what it says of itself."""
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    title, _, rest = text.partition("\n\n")
    return title.removesuffix("."), " ".join(rest.split())


def section(script: Path) -> str:
    """A script: its title, its words, its figure and its code."""
    title, about = words(script)
    code = re.sub(r'\A""".*?"""\n+', "", script.read_text(encoding="utf-8"), flags=re.DOTALL)
    picture = f"![{title}]({script.stem}.png)"
    head = f"## {title}\n\n{about}\n\n{picture}\n\n`examples/{script.name}`:"
    return f"{head}\n\n```python\n{code}```\n"


def page() -> str:
    """The whole page."""
    return "\n".join([BEGINNING, *map(section, SCRIPTS)])


def smaller(picture: bytes) -> bytes:
    """A picture of few colours and of no more pixels than a page shows."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((WIDTH, WIDTH), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def draw() -> None:
    """Run each script, and keep its figure beside the page."""
    for script in SCRIPTS:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, script], cwd=folder, check=True)
            picture = (Path(folder) / f"{script.stem}.png").read_bytes()
        (PAGE.parent / f"{script.stem}.png").write_bytes(smaller(picture))
