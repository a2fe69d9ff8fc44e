"""The panels in which the help of commands that train shows their options, what is common first."""

from typing import Any

from typer.core import TyperCommand, TyperOption

PANELS = {
    "Options": (
        *("target", "method", "settings", "where", "penalty", "factor", "strengths"),
        *("descending", "equal_epochs", "model", "repeats", "epochs", "minutes", "seed", "out"),
        *("ray", "watch", "save_config", "as_json", "quiet", "verbose", "lang"),
    ),
    "What is penalized": ("layers", "on", "proximal"),
    "How a table is read": (
        *("task", "log_target", "group", "time", "gap", "drop", "keep", "missing"),
        *("sep", "decimal"),
    ),
    "How arrays and images are read": ("inputs", "divide", "image_size"),
    "The network and its training": (
        *("network", "hidden", "optimizer", "learning_rate", "batch_size", "early_stopping"),
        *("class_weight", "fresh", "weights", "optimizer_state"),
    ),
    "Which candidates are tried and chosen": (
        *("select_by", "matters", "scoring", "refine", "by_layer", "trials"),
        *("no_evidence", "halving", "until_decided"),
    ),
    "On and off": (
        *("extend", "learning_curve", "references", "retraining", "standardize_target", "header"),
    ),
}
"""The options of each panel by their parameters; those with a ``--no-`` form are wide: together."""
_PLACES = [(panel, name) for panel, names in PANELS.items() for name in names]
PANEL_OF = {name: panel for panel, name in _PLACES}
"""The panel of each parameter that is an option."""
_ORDER = {name: place for place, (_, name) in enumerate(_PLACES)}


class InPanels(TyperCommand):
    """A command whose help shows its options in panels, in the order of these."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        for option in (one for one in self.params if isinstance(one, TyperOption)):
            option.rich_help_panel = PANEL_OF.get(option.name or "")
            if option.is_flag:
                option.metavar = ""  # and not a column for the word <bool>
        self.params.sort(key=lambda one: _ORDER.get(one.name or "", -1))
