"""Answers to `merge_maps` (lab 11), written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_a_stack(maps: list[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    """All in one stack; a 0 has the logarithm -inf, comes back as 0, and is a full veto."""
    stack = torch.stack([F.interpolate(m[None], size=size, mode="bilinear")[0] for m in maps])
    if not geometric:
        return stack.mean(0)
    mean = stack.log().mean(0).exp()
    return mean / mean.sum(0, keepdim=True)


def right_by_a_running_sum(maps: list[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    """Adds up scale by scale; probabilities are at least the smallest float, so that no logarithm is
    infinite.
    """
    total = torch.zeros(len(maps[0]), *size, dtype=maps[0].dtype)
    for scale in maps:
        large = F.interpolate(scale.unsqueeze(0), size, mode="bilinear", align_corners=False).squeeze(0)
        total = total + (large.clamp(min=torch.finfo(large.dtype).tiny).log() if geometric else large)
    mean = total / len(maps)
    return mean.exp() / mean.exp().sum(0) if geometric else mean


def right_by_softmax(maps: list[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    """Exp divided by its sum is a softmax of the mean logarithm; 1e-30 keeps it finite where all say no."""
    enlarge = torch.nn.Upsample(size=size, mode="bilinear", align_corners=False)
    large = [enlarge(m[None])[0] for m in maps]
    if geometric:
        return (sum((m + 1e-30).log() for m in large) / len(large)).softmax(0)
    return sum(large) / len(large)


def right_by_two_matrices(maps: list[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    """Bilinear by hand: a matrix of weights for the rows and one for the columns, cells have their
    centre at 0.5.
    """

    def weights(out: int, cells: int) -> Tensor:
        place = ((torch.arange(out).double() + 0.5) * cells / out - 0.5).clamp(0, cells - 1)
        return (1 - (place[:, None] - torch.arange(cells)).abs()).clamp(min=0)

    large = []
    for m in maps:
        rows, columns = weights(size[0], m.shape[1]), weights(size[1], m.shape[2])
        large.append(rows @ m.double() @ columns.T)
    stack = torch.stack(large)
    mean = stack.log().mean(0).exp() if geometric else stack.mean(0)
    return (mean / mean.sum(0) if geometric else mean).to(maps[0].dtype)


def right_with_aligned_corners(maps: list[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    """The corner cells stay in the corners. The text says "bilinearly", and lab 12 that there are two
    kinds.
    """
    large = [F.interpolate(m[None], size, mode="bilinear", align_corners=True)[0] for m in maps]
    if geometric:
        product = torch.stack(large).log().mean(0).exp()
        return product / product.sum(0)
    return torch.stack(large).mean(0)


def right_with_antialiasing(maps: list[Tensor], size: tuple[int, int], geometric: bool) -> Tensor:
    """Differs from the first only where a map is larger than `size`: it blends all cells of a pixel then."""
    large = [F.interpolate(m[None], size, mode="bilinear", antialias=True)[0].clamp(min=0) for m in maps]
    if geometric:
        product = torch.stack(large).log().mean(0).exp()
        return product / product.sum(0)
    return torch.stack(large).mean(0)


def _enlarged(maps, size, mode="bilinear"):
    return torch.stack([F.interpolate(m[None], size, mode=mode)[0] for m in maps])


def _mean(stack, geometric):
    """The two right means, for answers whose mistake is elsewhere."""
    if not geometric:
        return stack.mean(0)
    mean = stack.log().mean(0).exp()
    return mean / mean.sum(0)


def wrong_logarithm_before_enlarging(maps, size, geometric):
    """Takes logarithms first and enlarges them: geometric between the cells of one scale, too."""
    if not geometric:
        return _mean(_enlarged(maps, size), False)
    mean = _enlarged([m.log() for m in maps], size).mean(0).exp()
    return mean / mean.sum(0)


def wrong_not_divided(maps, size, geometric):
    """The geometric mean is not divided by its sum: where the scales differ the classes add up to less
    than 1.
    """
    stack = _enlarged(maps, size)
    return stack.log().mean(0).exp() if geometric else stack.mean(0)


def wrong_divided_by_the_whole_map(maps, size, geometric):
    """Divides by the sum over classes and places: the map adds up to 1, and not each place."""
    stack = _enlarged(maps, size)
    mean = stack.log().mean(0).exp() if geometric else stack.mean(0)
    return mean / mean.sum() if geometric else mean


def wrong_divided_over_the_places(maps, size, geometric):
    """Divides each class by its sum over the picture."""
    stack = _enlarged(maps, size)
    mean = stack.log().mean(0).exp() if geometric else stack.mean(0)
    return mean / mean.sum((1, 2), keepdim=True) if geometric else mean


def wrong_product_without_root(maps, size, geometric):
    """The sum of the logarithms and not their mean: a product, far too sure after the division."""
    stack = _enlarged(maps, size)
    return stack.log().sum(0).softmax(0) if geometric else stack.mean(0)


def wrong_sum_of_the_scales(maps, size, geometric):
    """The arithmetic one is not divided by the number of scales."""
    stack = _enlarged(maps, size)
    return _mean(stack, True) if geometric else stack.sum(0)


def wrong_always_arithmetic(maps, size, geometric):
    """Ignores `geometric`."""
    return _mean(_enlarged(maps, size), False)


def wrong_always_geometric(maps, size, geometric):
    """The other way around: wrong for `geometric` = False."""
    return _mean(_enlarged(maps, size), True)


def wrong_nearest(maps, size, geometric):
    """Repeats cells and does not interpolate bilinearly (the default of `interpolate`)."""
    return _mean(_enlarged(maps, size, "nearest"), geometric)


def wrong_width_first(maps, size, geometric):
    """Reads `size` as (width, height): another shape for maps that are not square."""
    return _mean(_enlarged(maps, size[::-1]), geometric)


def wrong_pairwise_means(maps, size, geometric):
    """The mean of the mean so far and the next one: the last of three scales weighs a half."""
    large = _enlarged(maps, size)
    total = large[0].log() if geometric else large[0]
    for m in large[1:]:
        total = (total + (m.log() if geometric else m)) / 2
    return total.softmax(0) if geometric else total


def wrong_best_scale(maps, size, geometric):
    """The maximum over the scales for the arithmetic one: the classes add up to more than 1."""
    stack = _enlarged(maps, size)
    return _mean(stack, True) if geometric else stack.amax(0)


def wrong_weighted_by_cells(maps, size, geometric):
    """Fine maps weigh more because they have more cells: not the mean over the scales."""
    weight = torch.tensor([float(m[0].numel()) for m in maps])
    weight = (weight / weight.sum())[:, None, None, None]
    stack = _enlarged(maps, size)
    return (weight * stack.log()).sum(0).softmax(0) if geometric else (weight * stack).sum(0)


def wrong_large_epsilon(maps, size, geometric):
    """log(p + 0.01): of 1,000 classes most are far below that, so the veto is gone."""
    stack = _enlarged(maps, size)
    return (stack + 0.01).log().mean(0).softmax(0) if geometric else stack.mean(0)


def wrong_forgotten_exponential(maps, size, geometric):
    """Divides the mean logarithm by its sum, without coming back through exp: unlikely classes get most."""
    stack = _enlarged(maps, size)
    mean = stack.log().mean(0)
    return mean / mean.sum(0) if geometric else stack.mean(0)


def wrong_list_overwritten(maps, size, geometric):
    """Right maps, but the caller's list holds the enlarged ones afterwards: the scales are lost."""
    for i, m in enumerate(maps):
        maps[i] = F.interpolate(m[None], size, mode="bilinear")[0]
    return _mean(torch.stack(maps), geometric)


def wrong_size_of_the_finest(maps, size, geometric):
    """Brings all to the size of the last map and not to `size`."""
    return _mean(_enlarged(maps, tuple(maps[-1].shape[-2:])), geometric)


def wrong_each_scale_to_its_hottest(maps, size, geometric):
    """Scales each map to a maximum of 1 first: a scale that sees nothing speaks as loudly as a sure one."""
    return _mean(_enlarged([m / m.max() for m in maps], size), geometric)
