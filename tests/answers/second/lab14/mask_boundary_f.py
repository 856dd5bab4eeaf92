"""Answers to `mask_boundary_f` (lab 14) by somebody else, written from the student's notebook alone."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor


def _boundary(mask: Tensor) -> Tensor:
    """Pixels of the mask with one of four neighbours in the image that is not in the mask."""
    wide = torch.ones(mask.shape[0] + 2, mask.shape[1] + 2, dtype=torch.bool)
    wide[1:-1, 1:-1] = mask
    inside = wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]
    return mask & ~inside


def _distances(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distances between the pixels of two boundaries."""
    a, b = a.nonzero().double(), b.nonzero().double()
    return (a[:, None] - b[None]).pow(2).sum(-1).sqrt()


def _f(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def right_all_distances(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """All distances between the pixels of both boundaries."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    precision, recall = near.any(1).double().mean().item(), near.any(0).double().mean().item()
    return _f(precision, recall)


def right_distance_transform(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """SciPy's erosion and distance transform."""
    edges = []
    for mask in (found.numpy(), truth.numpy()):
        edges.append(mask & ~ndimage.binary_erosion(mask, border_value=1))
    a, b = edges
    if a.sum() == 0 or b.sum() == 0:
        return 0.0
    to_b, to_a = ndimage.distance_transform_edt(~b), ndimage.distance_transform_edt(~a)
    precision, recall = np.mean(to_b[a] <= tolerance), np.mean(to_a[b] <= tolerance)
    if precision + recall == 0:
        return 0.0
    return float(2 * precision * recall / (precision + recall))


def right_disc(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Dilates each boundary by a disc, with a convolution."""
    r = math.floor(tolerance)
    steps = torch.arange(-r, r + 1).double()
    disc = ((steps[:, None] ** 2 + steps**2).sqrt() <= tolerance).float()

    def dilate(edge: Tensor) -> Tensor:
        return F.conv2d(edge[None, None].float(), disc[None, None], padding=r)[0, 0] > 0.5

    edges = []
    for mask in (found, truth):
        edge = torch.zeros_like(mask)
        edge[1:] |= mask[1:] & ~mask[:-1]
        edge[:-1] |= mask[:-1] & ~mask[1:]
        edge[:, 1:] |= mask[:, 1:] & ~mask[:, :-1]
        edge[:, :-1] |= mask[:, :-1] & ~mask[:, 1:]
        edges.append(edge)
    a, b = edges
    hits_a, hits_b = (a & dilate(b)).sum().item(), (b & dilate(a)).sum().item()
    if hits_a == 0 or hits_b == 0:
        return 0.0
    precision, recall = hits_a / a.sum().item(), hits_b / b.sum().item()
    return 2 / (1 / precision + 1 / recall)


def right_python_lists(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Lists of pixels, and loops."""

    def edge(mask: Tensor) -> list[tuple[int, int]]:
        rows = mask.tolist()
        height, width = len(rows), len(rows[0])
        pixels = []
        for y in range(height):
            for x in range(width):
                if not rows[y][x]:
                    continue
                for b, a in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                    if 0 <= b < height and 0 <= a < width and not rows[b][a]:
                        pixels.append((y, x))
                        break
        return pixels

    def share_near(some: list, others: list) -> float:
        near = sum(
            any(math.sqrt((y - b) ** 2 + (x - a) ** 2) <= tolerance for b, a in others) for y, x in some
        )
        return near / len(some)

    a, b = edge(found), edge(truth)
    if not a or not b:
        return 0.0
    return _f(share_near(a, b), share_near(b, a))


def right_replicated_erosion(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Erodes with a cross; pixels beyond the edge repeat those at the edge. Then cdist."""

    def edge(mask: Tensor) -> Tensor:
        wide = F.pad(mask[None, None].float(), (1, 1, 1, 1), mode="replicate")
        cross = torch.tensor([[0.0, 1, 0], [1, 1, 1], [0, 1, 0]])[None, None]
        return mask & (F.conv2d(wide, cross)[0, 0] < 4.5)

    a, b = edge(found).nonzero().double(), edge(truth).nonzero().double()
    if len(a) == 0 or len(b) == 0:
        return 0.0
    d = torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")
    precision = (d.min(1).values <= tolerance).double().mean()
    recall = (d.min(0).values <= tolerance).double().mean()
    return (2 * precision * recall / (precision + recall).clamp(min=1e-12)).item()


def wrong_edge_of_image(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Counts the edge of the image as the mask's boundary."""
    edges = []
    for mask in (found.numpy(), truth.numpy()):
        edges.append(torch.from_numpy(mask & ~ndimage.binary_erosion(mask)))
    a, b = edges
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())


def wrong_eight_neighbours(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Takes eight neighbours for the boundary, so it is too thick at corners."""
    square = np.ones((3, 3), dtype=bool)
    a, b = (
        torch.from_numpy(m.numpy() & ~ndimage.binary_erosion(m.numpy(), square, border_value=1))
        for m in (found, truth)
    )
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())


def wrong_strictly_nearer(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Demands less than the tolerance; exactly at it does not count."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) < tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())


def wrong_square_window(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Dilates by a square with max_pool2d, so diagonal pixels are too near."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    r = int(tolerance)
    wide_a, wide_b = (
        F.max_pool2d(e[None, None].float(), 2 * r + 1, stride=1, padding=r)[0, 0] > 0 for e in (a, b)
    )
    return _f((a & wide_b).sum().item() / a.sum().item(), (b & wide_a).sum().item() / b.sum().item())


def wrong_city_blocks(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Measures distances in steps down and across, not straight."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    p, q = a.nonzero(), b.nonzero()
    near = (p[:, None] - q[None]).abs().sum(-1) <= tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())


def wrong_squared_distance(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Compares the squared distance with the tolerance."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) ** 2 <= tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())


def wrong_arithmetic_mean(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Takes the arithmetic mean of precision and recall."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    return (near.any(1).double().mean().item() + near.any(0).double().mean().item()) / 2


def wrong_two_forgotten(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Forgets the 2 in F, so a perfect mask has 0.5."""
    return right_all_distances(found, truth, tolerance) / 2


def wrong_recall_only(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Returns the recall alone."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    return (_distances(a, b) <= tolerance).any(0).double().mean().item()


def wrong_precision_only(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Returns the precision alone."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    return (_distances(a, b) <= tolerance).any(1).double().mean().item()


def wrong_hits_over_both(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Divides the hits of both boundaries by the pixels of both, which is not the harmonic mean."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    return (near.any(1).sum().item() + near.any(0).sum().item()) / sum(near.shape)


def wrong_same_hits_for_both(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Counts the hits of the found boundary and uses them for the recall as well."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    hits = near.any(1).sum().item()
    return _f(hits / near.shape[0], hits / near.shape[1])


def wrong_division_by_zero(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Fails when nothing is near: 0 is divided by 0."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    precision, recall = near.any(1).double().mean().item(), near.any(0).double().mean().item()
    return 2 * precision * recall / (precision + recall)


def wrong_nan_without_boundary(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Returns NaN when a mask has no boundary, since it is the mean of nothing."""
    near = _distances(_boundary(found), _boundary(truth)) <= tolerance
    precision, recall = near.any(1).double().mean().item(), near.any(0).double().mean().item()
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def wrong_two_empty_are_perfect(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Returns 1 when neither of the two has a boundary."""
    if not _boundary(found).any() and not _boundary(truth).any():
        return 1.0
    return right_all_distances(found, truth, tolerance)


def wrong_whole_masks(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Compares the whole masks, not their boundaries."""
    if not found.any() or not truth.any():
        return 0.0
    to_truth = ndimage.distance_transform_edt(~truth.numpy())
    to_found = ndimage.distance_transform_edt(~found.numpy())
    precision = float((to_truth[found.numpy()] <= tolerance).mean())
    recall = float((to_found[truth.numpy()] <= tolerance).mean())
    return _f(precision, recall)


def wrong_boundary_against_mask(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Asks whether the boundary is near the other mask, not near its boundary."""
    a, b = _boundary(found), _boundary(truth)
    if not a.any() or not b.any():
        return 0.0
    to_truth = torch.from_numpy(ndimage.distance_transform_edt(~truth.numpy()))
    to_found = torch.from_numpy(ndimage.distance_transform_edt(~found.numpy()))
    precision = (to_truth[a] <= tolerance).double().mean().item()
    recall = (to_found[b] <= tolerance).double().mean().item()
    return _f(precision, recall)


def wrong_background_side_too(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Takes the pixels on both sides of the outline for the boundary."""
    a, b = (_boundary(m) | _boundary(~m) for m in (found, truth))
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())


def wrong_wraps_around(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Finds neighbours with torch.roll, so the opposite edge of the image is a neighbour."""
    edges = []
    for mask in (found, truth):
        inside = mask.roll(1, 0) & mask.roll(-1, 0) & mask.roll(1, 1) & mask.roll(-1, 1)
        edges.append(mask & ~inside)
    a, b = edges
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())


def wrong_two_neighbours(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Looks at the neighbours above and on the left only."""
    edges = []
    for mask in (found, truth):
        edge = torch.zeros_like(mask)
        edge[1:] |= mask[1:] & ~mask[:-1]
        edge[:, 1:] |= mask[:, 1:] & ~mask[:, :-1]
        edges.append(edge)
    a, b = edges
    if not a.any() or not b.any():
        return 0.0
    near = _distances(a, b) <= tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())


def wrong_tolerance_ignored(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Counts only pixels that lie exactly on the other boundary."""
    return right_all_distances(found, truth, 0.0)


def wrong_tolerance_fixed(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Always uses a tolerance of 1."""
    return right_all_distances(found, truth, 1.0)


def wrong_tensor(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> Tensor:
    """Returns a tensor, not a Python number."""
    return torch.tensor(right_all_distances(found, truth, tolerance))


def wrong_cuts_the_inputs(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Reduces the caller's masks to their boundaries in place."""
    found &= _boundary(found)
    truth &= _boundary(truth)
    if not found.any() or not truth.any():
        return 0.0
    near = _distances(found, truth) <= tolerance
    return _f(near.any(1).double().mean().item(), near.any(0).double().mean().item())
