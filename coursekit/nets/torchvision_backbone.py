"""Any classifier of torchvision as a backbone: its graph is traced, and cut after the last map of each stride."""

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, fx, nn
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from coursekit.nets.backbone import STRIDE_OF_LEVEL, Backbone

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, RGB in [0, 1]
SIZE = (96, 160)  # pixels of the image that is traced; multiples of 32, and not a square
NEEDED = ("C3", "C4", "C5")


class TorchvisionBackbone(Backbone):
    """The feature maps of a classifier, at each of the strides 2, 4, 8, 16 and 32 pixels that it has.

    Its batch normalisation keeps its statistics, unless the stage learns.

    Args:
        model, trainable: as `torchvision_backbone`.
    """

    def __init__(self, model: nn.Module, trainable: Iterable[str] = ()) -> None:
        super().__init__()
        self.name = type(model).__name__
        stages, self.channels = cut(copy.deepcopy(model).eval())
        self.strides = {level: STRIDE_OF_LEVEL[level] for level in stages}
        self.stages.update(stages)
        self.learn(trainable)

    def normalise(self, images: Tensor) -> Tensor:
        """The images with mean 0 and variance 1 over ImageNet."""
        mean, std = images.new_tensor(MEAN), images.new_tensor(STD)
        return (images - mean[:, None, None]) / std[:, None, None]


def torchvision_backbone(model: nn.Module, trainable: Iterable[str] = ()) -> TorchvisionBackbone:
    """Return a copy of a classifier as a backbone; its head is left out.

    Its weights are those of `model`: with `weights=None` nothing is downloaded, and they are saved with the detector.

    Args:
        model: a convolutional classifier, such as `torchvision.models.resnet18(weights=None)`.
        trainable: the stages whose weights learn, for example ("C4", "C5"); the rest is frozen.
    Raises:
        ValueError: it has no feature maps at strides 8, 16 and 32, as a vision transformer.

    >>> from torchvision.models import resnet18
    >>> torchvision_backbone(resnet18(weights=None)).channels
    {'C1': 64, 'C2': 64, 'C3': 128, 'C4': 256, 'C5': 512}
    """
    if not isinstance(model, nn.Module):
        raise ValueError(
            f"torchvision_backbone takes a classifier, such as torchvision.models.resnet18(), not a {type(model).__name__}."
        )
    return TorchvisionBackbone(model, trainable).eval()


def cut(model: nn.Module) -> tuple[dict[str, fx.GraphModule], dict[str, int]]:
    """The network between the levels, and their channels. Raises: ValueError when there is no pyramid."""
    try:
        traced, shapes = trace(model)
        ends = last_of_levels(model, shapes)
        nodes = list(traced.graph.nodes)[-1].args[0]  # what the graph returns: each node by its name
        stages = between(traced, {level: nodes[name] for level, name in ends.items()})
    except Exception as error:  # whatever a foreign network does not stand
        raise ValueError(no_pyramid(model)) from error
    if not stages.keys() >= set(NEEDED):
        raise ValueError(no_pyramid(model))
    return stages, {level: shapes[name][1] for level, name in ends.items()}


def no_pyramid(model: nn.Module) -> str:
    return (
        f"{type(model).__name__} has no feature maps (N, C, h, w) at strides 8, 16 and 32: take a convolutional "
        "classifier, such as torchvision.models.resnet18()."
    )


@torch.no_grad()
def trace(model: nn.Module) -> tuple[fx.GraphModule, dict[str, torch.Size]]:
    """The graph of the network, which returns what each of its nodes says, and the shapes of the tensors among them."""
    _, names = get_graph_node_names(model, suppress_diff_warning=True)
    returns = {"train_return_nodes": names[-1:], "eval_return_nodes": names}
    traced = create_feature_extractor(model, **returns, suppress_diff_warning=True).eval()
    values = traced(torch.zeros(1, 3, *SIZE))
    return traced, {name: value.shape for name, value in values.items() if isinstance(value, Tensor)}


def last_of_levels(model: nn.Module, shapes: dict[str, torch.Size]) -> dict[str, str]:
    """The name of the last node of each level, the finest first.

    A block that makes the map smaller often widens it before: nothing inside of it counts for the level that it leaves.
    """
    sizes = {(SIZE[0] // stride, SIZE[1] // stride): level for level, stride in STRIDE_OF_LEVEL.items()}
    level_of = {
        name: sizes[shape[2:]] for name, shape in shapes.items() if len(shape) == 4 and shape[2:] in sizes
    }
    left_at = {block: level for name, level in level_of.items() for block in around(name)}
    blocks = {name for name, module in model.named_modules() if type(module) is not nn.Sequential}
    return {
        level: name
        for name, level in level_of.items()
        if all(left_at[block] == level for block in around(name) if block in blocks)
    }


def around(name: str) -> list[str]:
    """The names of the modules that a node lies in, and its own.

    >>> around("layer1.0.relu")
    ['layer1', 'layer1.0', 'layer1.0.relu']
    """
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def between(traced: fx.GraphModule, ends: dict[str, fx.Node]) -> dict[str, fx.GraphModule]:
    """The network from each end to the next one; each stage sees the map of the last, and nothing else of it."""
    nodes = iter(traced.graph.nodes)
    start, stages = next(nodes), {}
    for level, end in ends.items():
        graph = fx.Graph()
        copies = {start: graph.placeholder("x")}
        for node in nodes:
            copies[node] = graph.node_copy(node, copies.__getitem__)
            if node is end:
                break
        graph.output(copies[end])
        stages[level], start = fx.GraphModule(traced, graph), end
    return stages
