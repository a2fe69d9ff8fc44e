"""The command: ``python -m calibration``."""

import argparse
import re
import sys
import time
from pathlib import Path

from calibration.page import PARTS, section

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"


def main() -> None:
    """Run the parts that were asked for, and print or publish what came out."""
    parser = argparse.ArgumentParser(prog="python -m calibration", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--studies", type=float, default=1.0, help="how many, as a factor")
    parser.add_argument("--update-docs", action="store_true", help="write docs/calibration.md")
    options = parser.parse_args()
    for name in options.parts:
        began = time.perf_counter()
        text = section(name, options.studies)
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
        if options.update_docs:
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(with_section(page, name, text), encoding="utf-8")
        else:
            print(text)


def with_section(page: str, name: str, text: str) -> str:
    """The page with what lies between a part's two marks replaced."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
    new, count = re.subn(pattern, lambda m: f"{m[1]}{text}\n{m[2]}", page, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"{PAGE} has no place for {name}: give it its two marks.")
    return new


if __name__ == "__main__":
    main()
