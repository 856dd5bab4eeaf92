import torch
import torch.nn.functional as F
from torch import Tensor


def right_avg_pool(logits: Tensor, factor: int) -> Tensor:
    """Library pooling of the probabilities."""
    return F.avg_pool2d(logits.sigmoid()[:, None], factor)


def right_reshape(logits: Tensor, factor: int) -> Tensor:
    """Vectorised: blocks as two extra dimensions, then their mean; computed in double, returned in the dtype of the logits."""
    p, h, w = logits.shape
    blocks = logits.double().sigmoid().reshape(p, h // factor, factor, w // factor, factor)
    return blocks.mean((2, 4))[:, None].to(logits.dtype)


def right_loops(logits: Tensor, factor: int) -> Tensor:
    """Loops over the blocks, 1 / (1 + exp(-x)) by hand; always float32."""
    p, h, w = logits.shape
    out = torch.zeros(p, 1, h // factor, w // factor)
    for i in range(h // factor):
        for j in range(w // factor):
            block = logits[:, i * factor : (i + 1) * factor, j * factor : (j + 1) * factor]
            out[:, 0, i, j] = (1 / (1 + torch.exp(-block))).flatten(1).mean(1)
    return out


def wrong_probability_of_mean_logit(logits: Tensor, factor: int) -> Tensor:
    """Averages the logits and takes the sigmoid afterwards."""
    return F.avg_pool2d(logits[:, None], factor).sigmoid()


def wrong_in_place(logits: Tensor, factor: int) -> Tensor:
    """Right values, but sigmoid_ changes the caller's logits."""
    return F.avg_pool2d(logits.sigmoid_()[:, None], factor)


def wrong_mean_of_the_mask(logits: Tensor, factor: int) -> Tensor:
    """Thresholds first: the share of cells with a positive logit instead of the mean probability."""
    return F.avg_pool2d((logits > 0).float()[:, None], factor)


def wrong_bilinear(logits: Tensor, factor: int) -> Tensor:
    """Bilinear interpolation, which looks at only four cells of each block (right by luck for factor 2)."""
    return F.interpolate(
        logits.sigmoid()[:, None], scale_factor=1 / factor, mode="bilinear", align_corners=False
    )


def wrong_blocks_mixed(logits: Tensor, factor: int) -> Tensor:
    """Splits H and W into (factor, blocks) instead of (blocks, factor), so that far cells are averaged."""
    p, h, w = logits.shape
    return logits.sigmoid().reshape(p, factor, h // factor, factor, w // factor).mean((1, 3))[:, None]


def wrong_no_prompts_fails(logits: Tensor, factor: int) -> Tensor:
    """Stacks one map per prompt, an error when there are none."""
    return torch.stack([F.avg_pool2d(mask.sigmoid()[None], factor) for mask in logits])
