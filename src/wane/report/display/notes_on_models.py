"""Notes on networks, their regularizers and how they are trained, as phrases with fields."""

from wane._language import gettext


def sentences_on_models() -> tuple[str, ...]:
    """The whole notes; of two that fit, the first one holds."""
    return (*_of_beginnings(), *_of_networks(), *_of_regularizers(), *_of_decay(), *_of_studies())


def parts_on_models() -> tuple[str, ...]:
    """What stands in their fields."""
    return (
        *_parts_of_beginnings(),
        *_parts_of_networks(),
        *_parts_of_regularizers(),
        *_parts_of_decay(),
        *_parts_of_studies(),
    )


def _of_beginnings() -> tuple[str, ...]:
    """With what weights, and what optimizer, runs begin and end."""
    return (
        gettext(
            "The model {value} has trained weights ({why}), so every run starts from these: "
            "initial_weights='fresh' (--weights fresh) draws new ones. If it was trained on rows "
            "of this study, its numbers on validation and test rows are too good.{more}"
        ),
        gettext(
            "Runs begin with the weights of the model {value}, but its optimizer, which has made "
            "{steps}, begins anew: optimizer_state='model' (--optimizer-state model) goes on with "
            "its moments, as fit does."
        ),
        gettext(
            "Runs end with the weights of their best epoch as they were in training, not with "
            "their moving averages, though the optimizer of the model {value} has use_ema=True: "
            "EarlyStopping(restore_best_weights=True) puts them back last, in fit too."
        ),
        gettext(
            "The optimizer of the model {value} was saved as a class of the backend {what}: it is "
            "made anew as Keras's {option} on {column}, with the same settings."
        ),
    )


def _parts_of_beginnings() -> tuple[str, ...]:
    """With what weights, and what optimizer, runs begin and end, in parts."""
    return (
        gettext(
            " If it was trained on the target as it is, it starts far off, since "
            "standardize_target (--standardize-target) centres and scales that: leave it out."
        ),
        gettext("its optimizer has taken {steps}"),
        gettext("the {what} of layer {column} is not what its initializer gives"),
    )


def _of_networks() -> tuple[str, ...]:
    """What is odd about a network."""
    return (
        gettext(
            "The data loss does not train {names}: its gradient there is exactly zero at the "
            "start, and stays so when the other weights move. Both LoRA factors of {value} are 0, "
            "as Keras loads them from a file, into whose kernel it has added them: assign random "
            "numbers to the factor a, as enable_lora does."
        ),
        gettext(
            "The data loss does not train {names}: its gradient there is exactly zero at the "
            "start, and stays so when the other weights move. Such weights lead to no output with "
            "a loss, or through units that are saturated or dead: scale x, or change the layers "
            "after them."
        ),
        gettext(
            "The last activation {option} of the model {value} gives numbers {range}, and {count} "
            "of {all} targets lie beyond (y goes from {what} to {column}), so that no training "
            "reaches them: scale y, or end the model with another activation, such as 'linear'."
        ),
        gettext(
            "x holds pixels from 0 to 255, which reach the {what} of the model {value} as they "
            "are, and networks train badly on such inputs unless they are made for them: begin the "
            "model with keras.layers.Rescaling(1 / 255), or divide x by 255."
        ),
        gettext(
            "Of layers that are not Keras's own, roles are read from the names and axes of their "
            "weights: {list}. Name layers where another weight is meant."
        ),
    )


def _parts_of_networks() -> tuple[str, ...]:
    """What is odd about a network, in parts."""
    return (
        gettext("of at least {value}"),
        gettext("of at most {value}"),
        gettext("from {value} to {what}"),
    )


def _of_regularizers() -> tuple[str, ...]:
    """What is likely to be a mistake in a model's regularizers."""
    return (
        gettext(
            "A regularizer is set on {names} but does nothing, since it was set after the layer "
            "was built: set it with wane.regularize."
        ),
        gettext(
            "The regularizer of {names} has strength 0 and adds nothing, as Keras's 'l1l2' does by "
            "itself: give keras.regularizers.L1L2(l1=..., l2=...), or wane.regularize."
        ),
        gettext("{fault}: the first step makes the whole weight NaN."),
        gettext("The penalty on {names} adds nothing, since the weights are not trained."),
        gettext(
            "The penalty on {names} acts, but a saved file or a clone will not have it, since the "
            "model's configuration does not hold it: call wane.regularize again on what is loaded."
        ),
        gettext(
            "The penalty acts on the low-rank factors of {names}, but Keras saves their product, "
            "added to the frozen weight: in a loaded file the factors, and the penalty's value, "
            "begin anew."
        ),
        gettext(
            "Biases or normalization parameters of {names} are penalized; these are usually left "
            "alone, as wane.regularize leaves them unless they are named."
        ),
        gettext(
            "BatchNormalization follows the kernels of {names} and takes their scale out again: "
            "there L2 mostly changes the effective learning rate (arXiv:1706.05350)."
        ),
    )


def _parts_of_regularizers() -> tuple[str, ...]:
    """What is likely to be a mistake in a model's regularizers, in parts."""
    return (
        gettext(
            "The {value} of layer {column} has {count} of its rows at zero, where the gradient of "
            "Keras's orthogonal regularizer is NaN"
        ),
        gettext(
            "The {value} of layer {column} has {count} of its columns at zero, where the gradient "
            "of Keras's orthogonal regularizer is NaN"
        ),
    )


def _of_decay() -> tuple[str, ...]:
    """What is likely to be a mistake in the weight decay of a model's optimizer."""
    return (
        gettext("Weights of {names} shrink twice, by L2 and by the {decay}: keep one of them."),
        gettext(
            "The {decay} acts on biases or normalization parameters of {names}: "
            "wane.regularize(model, wane.WeightDecay({value})) spares them."
        ),
        gettext(
            "The {decay} spares {names} here, but Keras saves no exclusions: a loaded file decays "
            "every weight, so give what is loaded wane.regularize(model, wane.WeightDecay(...)) "
            "again."
        ),
    )


def _parts_of_decay() -> tuple[str, ...]:
    """What is likely to be a mistake in the weight decay of a model's optimizer, in parts."""
    return (gettext("weight_decay={strengths} of the optimizer {option}"),)


def _of_studies() -> tuple[str, ...]:
    """What went otherwise than the user asked."""
    return (
        gettext(
            "The scorer {value} failed on {count} sets of predictions, which have no number of it; "
            "first with {what}"
        ),
        gettext(
            "{value} has no numbers to choose by, so candidates are chosen by validation data loss."
        ),
        gettext(
            "{value} has no number in some run of every candidate, so candidates are chosen by "
            "validation data loss."
        ),
        gettext("{value} was not trained again under random weights of the rows, since {why}."),
        gettext(
            "The interval of the improvement supposes how much splits have in common. To train "
            "{value} and the baseline {count} times more under random weights of the rows would "
            "show it; that was left out for its cost: retraining=True (--retraining) asks for it."
        ),
        gettext(
            "{count} of {all} runs under random weights of the rows diverged, so the interval of "
            "the improvement does not rest on them."
        ),
        gettext("No {models} stands beside the network, since its inputs are numbers of tokens."),
        gettext("No {models} stands beside the network, since they are too many."),
    )


def _parts_of_studies() -> tuple[str, ...]:
    """What went otherwise than the user asked, in parts."""
    return (
        gettext("no two splits of this study have rows in common"),
        gettext("that takes {count} repeats or more, and there are {value}"),
        gettext("its validation rows choose when a run stops or slows down"),
        gettext("its predictions were not kept"),
        gettext("its {value} is no mean over rows"),
        gettext("its loss does not take a weight for each row"),
    )
