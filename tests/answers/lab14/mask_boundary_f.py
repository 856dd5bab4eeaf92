"""Answers to `mask_boundary_f` (lab 14), written from the student's notebook alone."""

import math

import torch
import torch.nn.functional as F
from scipy.ndimage import distance_transform_edt
from torch import Tensor


def _edge(mask: Tensor) -> Tensor:
    """Pixels of the mask with one of four neighbours in the image that is not in the mask."""
    out = torch.zeros_like(mask)
    out[1:] |= ~mask[:-1]
    out[:-1] |= ~mask[1:]
    out[:, 1:] |= ~mask[:, :-1]
    out[:, :-1] |= ~mask[:, 1:]
    return out & mask


def right_by_distance_maps(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """SciPy's distance from every pixel to the nearest pixel of the other boundary."""
    a, b = _edge(found).numpy(), _edge(truth).numpy()
    if not a.any() or not b.any():
        return 0.0
    precision = (distance_transform_edt(~b)[a] <= tolerance).mean()
    recall = (distance_transform_edt(~a)[b] <= tolerance).mean()
    return float(2 * precision * recall / (precision + recall)) if precision + recall > 0 else 0.0


def right_by_a_table_of_distances(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Eroded by a minimum over a cross, with ones around the image; whole squared distances of all pairs,
    compared with the squared tolerance.
    """

    def places(mask: Tensor) -> Tensor:
        framed = F.pad(mask, (1, 1, 1, 1), value=True)
        inner = framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:]
        return (mask & ~inner).nonzero()

    a, b = places(found), places(truth)
    if len(a) == 0 or len(b) == 0:
        return 0.0
    near = (a[:, None] - b).square().sum(-1) <= tolerance**2 + 1e-9
    precision, recall = near.any(1).double().mean(), near.any(0).double().mean()
    return (2 * precision * recall / (precision + recall).clamp(min=1e-12)).item()


def right_by_loops(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Sets of places in plain Python; every pixel of a boundary looks for a near one of the other."""

    def places(mask: Tensor) -> list[tuple[int, int]]:
        rows = mask.tolist()
        h, w = len(rows), len(rows[0]) if rows else 0
        out = []
        for y in range(h):
            for x in range(w):
                around = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
                if rows[y][x] and any(not rows[i][j] for i, j in around if 0 <= i < h and 0 <= j < w):
                    out.append((y, x))
        return out

    a, b = places(found), places(truth)
    hits_a = sum(any(math.dist(p, q) <= tolerance for q in b) for p in a)
    hits_b = sum(any(math.dist(p, q) <= tolerance for q in a) for p in b)
    if not hits_a or not hits_b:
        return 0.0
    precision, recall = hits_a / len(a), hits_b / len(b)
    return 2 / (1 / precision + 1 / recall)


def right_by_widening(found: Tensor, truth: Tensor, tolerance: float = 1.0) -> float:
    """Widens each boundary by a disc of the tolerance, as a convolution, and counts what lies in it."""
    reach = math.floor(tolerance)
    y, x = torch.meshgrid(*[torch.arange(-reach, reach + 1)] * 2, indexing="ij")
    disc = (x**2 + y**2 <= tolerance**2).float()[None, None]
    a, b = _edge(found), _edge(truth)
    if not (a.any() and b.any()):
        return 0.0
    wide_a, wide_b = (F.conv2d(edge[None, None].float(), disc, padding=reach)[0, 0] > 0.5 for edge in (a, b))
    hits_a, hits_b = int((a & wide_b).sum()), int((b & wide_a).sum())
    precision, recall = hits_a / int(a.sum()), hits_b / int(b.sum())
    return 2 * precision * recall / (precision + recall) if hits_a and hits_b else 0.0


def _shares(a, b, tolerance, distance=lambda off: off.double().norm(dim=-1), at=True):
    """Precision and recall of two boundaries, or None where one is missing."""
    a, b = a.nonzero(), b.nonzero()
    if not len(a) or not len(b):
        return None
    apart = distance(a[:, None] - b)
    near = apart <= tolerance if at else apart < tolerance
    return near.any(1).double().mean().item(), near.any(0).double().mean().item()


def _f(shares):
    return 2 * shares[0] * shares[1] / sum(shares) if shares and sum(shares) > 0 else 0.0


def wrong_image_edge_counts(found, truth, tolerance=1.0):
    """Outside of the image counts as not in the mask: an object cut by the edge gets a boundary there."""
    a, b = (F.pad(mask, (1, 1, 1, 1)) for mask in (found, truth))
    return _f(_shares(_edge(a), _edge(b), tolerance))


def wrong_eight_neighbours(found, truth, tolerance=1.0):
    """Eight neighbours: inner corners are boundary too."""
    a, b = (
        mask & (F.max_pool2d((~mask)[None].float(), 3, stride=1, padding=1)[0] > 0) for mask in (found, truth)
    )
    return _f(_shares(a, b, tolerance))


def wrong_outer_boundary(found, truth, tolerance=1.0):
    """Pixels just outside of the mask: a longer boundary than that of the pixels inside."""
    return _f(_shares(_edge(~found), _edge(~truth), tolerance))


def wrong_whole_masks(found, truth, tolerance=1.0):
    """Compares all pixels of the masks, not the boundaries: ragged outlines hardly count."""
    return _f(_shares(found, truth, tolerance))


def wrong_strictly_within(found, truth, tolerance=1.0):
    """< for <=: a shift by exactly the tolerance counts as wrong."""
    return _f(_shares(_edge(found), _edge(truth), tolerance, at=False))


def wrong_square_distance(found, truth, tolerance=1.0):
    """The larger of the distances in x and y: a diagonal neighbour is 1 away and not 1.41."""
    return _f(_shares(_edge(found), _edge(truth), tolerance, lambda off: off.abs().amax(-1)))


def wrong_city_blocks(found, truth, tolerance=1.0):
    """The sum of the distances in x and y: with a tolerance of 1.5 diagonal neighbours are lost."""
    return _f(_shares(_edge(found), _edge(truth), tolerance, lambda off: off.abs().sum(-1)))


def wrong_tolerance_ignored(found, truth, tolerance=1.0):
    """One pixel whatever was asked for."""
    return _f(_shares(_edge(found), _edge(truth), 1.0))


def wrong_same_places_only(found, truth, tolerance=1.0):
    """Boundaries must lie on the same pixels: no tolerance at all."""
    return _f(_shares(_edge(found), _edge(truth), 0.0))


def wrong_precision_only(found, truth, tolerance=1.0):
    """Precision alone: a boundary that is found only in part is perfect."""
    shares = _shares(_edge(found), _edge(truth), tolerance)
    return shares[0] if shares else 0.0


def wrong_recall_only(found, truth, tolerance=1.0):
    """Recall alone: crumbs all over the image cost nothing."""
    shares = _shares(_edge(found), _edge(truth), tolerance)
    return shares[1] if shares else 0.0


def wrong_plain_mean(found, truth, tolerance=1.0):
    """The arithmetic mean of precision and recall, not F."""
    shares = _shares(_edge(found), _edge(truth), tolerance)
    return sum(shares) / 2 if shares else 0.0


def wrong_two_forgotten(found, truth, tolerance=1.0):
    """PR / (P + R): a perfect outline gets a half."""
    return _f(_shares(_edge(found), _edge(truth), tolerance)) / 2


def wrong_empty_is_perfect(found, truth, tolerance=1.0):
    """1 when neither has a boundary: 0 was asked for."""
    a, b = _edge(found), _edge(truth)
    return 1.0 if not a.any() and not b.any() else _f(_shares(a, b, tolerance))


def wrong_nothing_found(found, truth, tolerance=1.0):
    """No care for masks without a boundary: not a number, or an error."""
    near = torch.cdist(_edge(found).nonzero().float(), _edge(truth).nonzero().float()) <= tolerance
    precision, recall = near.any(1).float().mean().item(), near.any(0).float().mean().item()
    return 2 * precision * recall / (precision + recall)


def wrong_far_apart(found, truth, tolerance=1.0):
    """Divides by P + R without care: an error where nothing of both boundaries is near."""
    shares = _shares(_edge(found), _edge(truth), tolerance)
    return 2 * shares[0] * shares[1] / (shares[0] + shares[1]) if shares else 0.0


def wrong_near_the_mask(found, truth, tolerance=1.0):
    """Distance to the other mask and not to its boundary: a boundary deep inside of it counts as right."""
    first, second = _shares(_edge(found), truth, tolerance), _shares(found, _edge(truth), tolerance)
    return _f((first[0], second[1])) if first and second else 0.0


def wrong_overlap_of_bands(found, truth, tolerance=1.0):
    """The IoU of the two boundaries: another measure, with no tolerance."""
    a, b = _edge(found), _edge(truth)
    return (a & b).sum().item() / max((a | b).sum().item(), 1)
