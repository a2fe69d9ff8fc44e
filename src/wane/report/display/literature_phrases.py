"""What papers and libraries do with a strength, as phrases with fields."""

from wane._language import gettext


def phrases_of_literature() -> tuple[str, ...]:
    """All of them; of two that fit, the first one holds."""
    return (*_of_conventions(), *_of_presets(), *_of_cells(), *_of_places())


def _of_conventions() -> tuple[str, ...]:
    """What libraries do with a strength, and what to know where they differ."""
    return (
        gettext("keras.regularizers.L2 and wane.L2 add l2 · Σw² to the mean loss."),
        gettext(
            "torch.optim.SGD, and what most papers call weight decay, adds weight_decay · w to the "
            "gradient of the mean loss."
        ),
        gettext(
            "glmnet's ridge (alpha = 0) adds lambda/2 · Σw² to the mean loss; for a target that is "
            "a number, which it scales to unit spread first, lambda/(2 · sd(y)) · Σw²."
        ),
        gettext(
            "scikit-learn's MLPClassifier and MLPRegressor add alpha/2 · Σw² to the sum of the "
            "losses of a batch, so that it is stronger in a last, smaller batch."
        ),
        gettext(
            "A normal prior of this precision (1/variance) on each weight adds precision/2 · Σw² "
            "to the negative log-likelihood, a sum over all rows; so do the alpha of "
            "scikit-learn's Ridge and the 1/C of its LogisticRegression."
        ),
        gettext(
            "weight_decay of Keras's optimizers and of torch.optim.AdamW takes learning_rate · "
            "weight_decay · w off each weight in each step, apart from the gradient."
        ),
        gettext(
            "With mean squared error, which Keras and PyTorch do not halve and the other side does."
        ),
        gettext(
            "For classification. For a network trained on mean squared error, which Keras and "
            "PyTorch do not halve, add --mean-squared-error."
        ),
    )


def _of_presets() -> tuple[str, ...]:
    """What sources say of a strength, and what wane does otherwise."""
    return (
        gettext("The source does not write the penalty out; read as the gradient wd · w."),
        gettext(
            "As trained for comparison with Xception. The source does not write the penalty out; "
            "read as the gradient wd · w."
        ),
        gettext(
            "None for 1,200 epochs, then 1e-5 for 2,500, 1e-4 for 400, and 1e-3 from there on. As "
            "the published case study reports it; not checked in the source itself. Read as the "
            "gradient wd · w."
        ),
        gettext(
            "As the published case study reports it; not checked in the source itself. Read as the "
            "gradient wd · w."
        ),
        gettext("wane leaves normalization parameters out."),
        gettext(
            "For scaled inputs; λ · Σw² beside the sum of squared errors over all rows: convert "
            "with rows and mean_squared_error=True."
        ),
        gettext("wane leaves embeddings out. ASGD is averaged SGD."),
        gettext(
            "Computed as wd/2 · Σw² in the loss. Of a deeper network name the first layer instead "
            "of 'hidden'."
        ),
        gettext("wane leaves embeddings out unless they are named."),
        gettext("The source says Adam and weight decay, not how they are combined."),
    )


def _of_cells() -> tuple[str, ...]:
    """Words in the table of presets."""
    return (
        gettext("coupled"),
        gettext("decoupled"),
        gettext("not stated"),
        gettext("not known"),
        gettext("weights"),
        gettext("all parameters"),
        gettext("all but batch normalization"),
        gettext("all but biases and LayerNorm"),
        gettext("first of two layers"),
        gettext("kernels, not biases"),
        gettext("momentum {value}"),
        gettext("Nesterov {value}"),
        gettext("{value}, momentum {what}"),
        gettext("{value}, Nesterov {what}"),
        gettext("{value}, Nesterov"),
        gettext("SGD, then ASGD"),
        gettext("{value} to {what}"),
        gettext("L2({value} to {what} / rows)"),
        gettext("WeightDecay({value} to {what})"),
    )


def _of_places() -> tuple[str, ...]:
    """Models, and places in sources."""
    return (
        gettext("child networks of an architecture search"),
        gettext("MLP under a weight decay that rises while it trains"),
        gettext("seq2seq LSTM for the translation of speech"),
        gettext("page {value}, as the published case study reports it"),
        gettext("as the published case study reports it"),
        gettext("networks with one hidden layer"),
        gettext("seq2seq LSTM for characters of speech ({value})"),
        gettext("GCN for citation networks"),
        gettext("ViT on {what}"),
        gettext("ConvNeXt on {what}"),
        gettext("Swin on {what}"),
        gettext("MLP for tables, searched on a log scale"),
        gettext("section {value}, with the update rule"),
        gettext("section {value}, page {what}"),
        gettext("section {value}"),
        gettext("table {value}"),
        gettext("appendix {value}"),
        gettext("implementation details"),
        gettext("experiments"),
        gettext("the experiments on the Wall Street Journal corpus"),
        gettext("training on {value}"),
        gettext("{place}; {value}"),
    )
