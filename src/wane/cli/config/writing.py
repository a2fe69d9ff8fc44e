"""A command's options written as a file that it takes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from wane._errors import InputError
from wane.cli.config.fields import Field


def write_config(path: Path, values: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    """Write the options that are not as they are by default.

    Args:
        path: a new TOML file.
        values: by the parameters of the command.
        fields: the fields, likewise.

    Raises:
        InputError: if there is such a file already, or it cannot be written.
    """
    document = {
        field.name: _written(name, values[name], path.parent)
        for name, field in fields.items()
        if name in values and values[name] not in (field.default, None, [])
    }
    if path.suffix.casefold() != ".toml":
        raise InputError(f"--save-config takes the name of a TOML file, got {str(path)!r}.")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(tomli_w.dumps(document))
    except FileExistsError:
        raise InputError(
            f"{str(path)!r} exists; nothing was written: give --save-config a new name."
        ) from None
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written ({error.strerror}).") from error


def _written(name: str, value: Any, folder: Path) -> Any:
    """A value as TOML has it; a path as it is from the folder of the file, where it lies in it."""
    from wane.data.examples import EXAMPLES
    from wane.data.images.folders import is_image_folder

    is_source = name == "source" and (Path(value).is_file() or is_image_folder(value))
    is_path = isinstance(value, Path) or is_source
    if not is_path:
        return list(value) if isinstance(value, tuple) else value
    whole, here = Path(value).resolve(), folder.resolve()
    if not whole.is_relative_to(here):
        return str(whole)
    inside = whole.relative_to(here).as_posix()
    return f"./{inside}" if inside in EXAMPLES else inside
