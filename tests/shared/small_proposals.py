"""A region proposal network as it starts, and what it says of one small image."""

import torch

from coursekit.models import rpn

SIZE = (96, 128)


def small_outputs():
    """Return the outputs of a network with large random weights; some of its boxes leave the image."""
    torch.manual_seed(0)
    network = rpn.RegionProposalNetwork(8, {"P3": 8, "P4": 16, "P5": 32})
    pyramid = {"P3": torch.randn(1, 8, 12, 16), "P4": torch.randn(1, 8, 6, 8), "P5": torch.randn(1, 8, 3, 4)}
    for layer in (network.objectness, network.offsets):
        torch.nn.init.normal_(layer.weight, std=2.0)
    with torch.no_grad():
        said = network(pyramid)
        far = said.offsets.clone()
        far[0, ::7, 0] = 50.0  # some boxes leave the picture altogether
    return said._replace(offsets=far)
