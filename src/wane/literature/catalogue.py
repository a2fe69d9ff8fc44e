"""Strengths reported in the literature, each looked up in its source.

Where ``source.where`` names code, it is the authors' own. A coupled weight decay of ``wd`` is the
gradient ``wd · w`` wherever a source says how it is computed (AlexNet's update rule; the code of
Wide ResNet, EfficientNet, AWD-LSTM and GCN), so it is read in that way where a source does not say.
Where ``verified`` is false, the text of the source could not be read: that it exists, by whom and
of which year was looked up, and the strength is as the published case study reports it.
"""

from wane.literature.preset import Citation, Preset, Presets

_NOT_WRITTEN_OUT = "The source does not write the penalty out; read as the gradient wd · w."
_NOT_VERIFIED = (
    "As the published case study reports it; not checked in the source itself. Read as the "
    "gradient wd · w."
)
_NOT_LOOKED_UP = "as the published case study reports it"
_KERNELS = "kernels, not biases"

_XCEPTION = Citation(
    authors="Chollet",
    year=2017,
    title="Xception: Deep Learning with Depthwise Separable Convolutions",
    doi="10.1109/CVPR.2017.195",
    arxiv="1610.02357",
    where="section 4.3",
)
_VIT = Citation(
    authors="Dosovitskiy et al.",
    year=2020,
    title="An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
    arxiv="2010.11929",
    where="table 3",
)

_NETWORKS_OF_IMAGES = (
    Preset(
        name="alexnet",
        model="AlexNet",
        values=(5e-4,),
        optimizer="SGD, momentum 0.9",
        target="weights",
        source=Citation(
            authors="Krizhevsky, Sutskever & Hinton",
            year=2012,
            title="ImageNet Classification with Deep Convolutional Neural Networks",
            doi="10.1145/3065386",
            where="section 5, with the update rule",
        ),
    ),
    Preset(
        name="vgg",
        model="VGG",
        values=(5e-4,),
        optimizer="SGD, momentum 0.9",
        target="weights",
        source=Citation(
            authors="Simonyan & Zisserman",
            year=2015,
            title="Very Deep Convolutional Networks for Large-Scale Image Recognition",
            arxiv="1409.1556",
            where="section 3.1",
        ),
        note=_NOT_WRITTEN_OUT,
    ),
    Preset(
        name="inception-v3",
        model="Inception V3",
        values=(4e-5,),
        optimizer="SGD, momentum 0.9",
        target="not stated",
        source=_XCEPTION,
        note=f"As trained for comparison with Xception. {_NOT_WRITTEN_OUT}",
    ),
    Preset(
        name="xception",
        model="Xception",
        values=(1e-5,),
        optimizer="SGD, momentum 0.9",
        target="not stated",
        source=_XCEPTION,
        note=_NOT_WRITTEN_OUT,
    ),
    Preset(
        name="resnet",
        model="ResNet",
        values=(1e-4,),
        optimizer="SGD, momentum 0.9",
        target="not stated",
        source=Citation(
            authors="He, Zhang, Ren & Sun",
            year=2015,
            title="Deep Residual Learning for Image Recognition",
            doi="10.1109/CVPR.2016.90",
            arxiv="1512.03385",
            where="section 3.4",
        ),
        note=_NOT_WRITTEN_OUT,
    ),
    Preset(
        name="wide-resnet",
        model="Wide ResNet",
        values=(5e-4,),
        optimizer="SGD, Nesterov 0.9",
        target="all parameters",
        on=("kernel", "bias"),
        source=Citation(
            authors="Zagoruyko & Komodakis",
            year=2016,
            title="Wide Residual Networks",
            arxiv="1605.07146",
            where="implementation details; train.lua",
        ),
        note="wane leaves normalization parameters out.",
    ),
    Preset(
        name="architecture-search",
        model="child networks of an architecture search",
        values=(1e-4,),
        optimizer="SGD, Nesterov",
        target="not known",
        source=Citation(
            authors="Zoph & Le",
            year=2017,
            title="Neural Architecture Search with Reinforcement Learning",
            arxiv="1611.01578",
            where=_NOT_LOOKED_UP,
        ),
        verified=False,
        note=_NOT_VERIFIED,
    ),
    Preset(
        name="efficientnet",
        model="EfficientNet",
        values=(1e-5,),
        optimizer="RMSProp",
        target="all but batch normalization",
        on=("kernel", "bias"),
        source=Citation(
            authors="Tan & Le",
            year=2019,
            title="EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
            arxiv="1905.11946",
            where="section 5.2; main.py",
        ),
    ),
)

_OTHER_NETWORKS = (
    Preset(
        name="mlp",
        model="networks with one hidden layer",
        values=(0.0, 0.1),
        convention="gaussian-prior",
        optimizer="not stated",
        target="all parameters",
        on=("kernel", "bias"),
        source=Citation(
            authors="Kuhn & Johnson",
            year=2013,
            title="Applied Predictive Modeling",
            doi="10.1007/978-1-4614-6849-3",
            where="section 7.1, page 144",
        ),
        note="For scaled inputs; λ · Σw² beside the sum of squared errors over all rows: convert "
        "with rows and mean_squared_error=True.",
    ),
    Preset(
        name="neural-smithing",
        model="MLP under a weight decay that rises while it trains",
        values=(0.0, 1e-5, 1e-4, 1e-3),
        starts=(0, 1200, 3700, 4100),
        optimizer="not known",
        target="not known",
        source=Citation(
            authors="Reed & Marks",
            year=1999,
            title="Neural Smithing: Supervised Learning in Feedforward Artificial Neural Networks",
            isbn="0-262-18190-8",
            where=f"page 270, {_NOT_LOOKED_UP}",
        ),
        verified=False,
        note="None for 1,200 epochs, then 1e-5 for 2,500, 1e-4 for 400, and 1e-3 from there on. "
        f"{_NOT_VERIFIED}",
    ),
    Preset(
        name="seq2seq-characters",
        model="seq2seq LSTM for characters of speech (WSJ)",
        values=(1e-6,),
        optimizer="Adam",
        target="not stated",
        source=Citation(
            authors="Pereyra et al.",
            year=2017,
            title="Regularizing Neural Networks by Penalizing Confident Output Distributions",
            arxiv="1701.06548",
            where="the experiments on the Wall Street Journal corpus",
        ),
        note=_NOT_WRITTEN_OUT,
    ),
    Preset(
        name="seq2seq-speech",
        model="seq2seq LSTM for the translation of speech",
        values=(1e-6,),
        optimizer="Adam",
        target="not known",
        source=Citation(
            authors="Weiss et al.",
            year=2017,
            title="Sequence-to-Sequence Models Can Directly Translate Foreign Speech",
            arxiv="1703.08581",
            where=_NOT_LOOKED_UP,
        ),
        verified=False,
        note=_NOT_VERIFIED,
    ),
    Preset(
        name="awd-lstm",
        model="AWD-LSTM",
        values=(1.2e-6,),
        optimizer="SGD, then ASGD",
        target="all parameters",
        on=("kernel", "recurrent", "bias"),
        source=Citation(
            authors="Merity, Keskar & Socher",
            year=2017,
            title="Regularizing and Optimizing LSTM Language Models",
            arxiv="1708.02182",
            where="main.py, --wdecay",
        ),
        note="wane leaves embeddings out. ASGD is averaged SGD.",
    ),
    Preset(
        name="gcn",
        model="GCN for citation networks",
        values=(5e-4,),
        optimizer="Adam",
        target="first of two layers",
        layers="hidden",
        on=("kernel",),
        source=Citation(
            authors="Kipf & Welling",
            year=2017,
            title="Semi-Supervised Classification with Graph Convolutional Networks",
            arxiv="1609.02907",
            where="experiments; gcn/models.py",
        ),
        note="Computed as wd/2 · Σw² in the loss. Of a deeper network name the first layer instead "
        "of 'hidden'.",
    ),
)

_DECOUPLED = (
    Preset(
        name="bert",
        model="BERT",
        values=(0.01,),
        convention="keras-weight-decay",
        optimizer="Adam",
        target="all but biases and LayerNorm",
        source=Citation(
            authors="Devlin, Chang, Lee & Toutanova",
            year=2018,
            title="BERT: Pre-training of Deep Bidirectional Transformers for Language "
            "Understanding",
            arxiv="1810.04805",
            where="appendix A.2; optimization.py",
        ),
        note="wane leaves embeddings out unless they are named.",
    ),
    *(
        Preset(
            name=name,
            model=f"ViT on {data}",
            values=(value,),
            convention="keras-weight-decay",
            optimizer="Adam",
            target="not stated",
            source=_VIT,
            note="The source says Adam and weight decay, not how they are combined.",
        )
        for name, data, value in (
            ("vit-jft", "JFT-300M", 0.1),
            ("vit-imagenet-21k", "ImageNet-21k", 0.03),
            ("vit-imagenet", "ImageNet", 0.3),
        )
    ),
    Preset(
        name="convnext",
        model="ConvNeXt on ImageNet-1K",
        values=(0.05,),
        convention="keras-weight-decay",
        optimizer="AdamW",
        target=_KERNELS,
        source=Citation(
            authors="Liu et al.",
            year=2022,
            title="A ConvNet for the 2020s",
            arxiv="2201.03545",
            where="training on ImageNet-1K; main.py, optim_factory.py",
        ),
    ),
    Preset(
        name="swin",
        model="Swin on ImageNet-1K",
        values=(0.05,),
        convention="keras-weight-decay",
        optimizer="AdamW",
        target=_KERNELS,
        source=Citation(
            authors="Liu et al.",
            year=2021,
            title="Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
            arxiv="2103.14030",
            where="section 4.1; config.py, optimizer.py",
        ),
    ),
    Preset(
        name="gpt-3",
        model="GPT-3",
        values=(0.1,),
        convention="keras-weight-decay",
        optimizer="Adam",
        target="not stated",
        source=Citation(
            authors="Brown et al.",
            year=2020,
            title="Language Models are Few-Shot Learners",
            arxiv="2005.14165",
            where="appendix B",
        ),
    ),
    Preset(
        name="tabular-mlp",
        model="MLP for tables, searched on a log scale",
        values=(1e-5, 0.1),
        convention="keras-weight-decay",
        optimizer="AdamW",
        target="not stated",
        source=Citation(
            authors="Kadra, Lindauer, Hutter & Grabocka",
            year=2021,
            title="Well-tuned Simple Nets Excel on Tabular Datasets",
            arxiv="2106.11189",
            where="table 1",
        ),
    ),
)

presets = Presets(_NETWORKS_OF_IMAGES + _OTHER_NETWORKS + _DECOUPLED)
"""Every preset by its name."""
