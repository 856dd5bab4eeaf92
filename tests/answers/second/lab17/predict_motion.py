import torch
from torch import Tensor

from coursekit.tracking import Motion


def right_arithmetic(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Plain arithmetic; the velocity is passed on as the very same tensor (not a copy: the text leaves that open)."""
    x, v, p, c, q = motion
    return Motion(x + v, v, p + 2 * c + q + wander, c + q, q + turn)


def right_matrices(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Textbook matrices, F P F' + Q, with 2x2 matrices in the last two dimensions; rounds differently."""
    x, v, p, c, q = motion
    state = torch.stack([x, v], -1)[..., None]
    spread = torch.stack([torch.stack([p, c], -1), torch.stack([c, q], -1)], -2)
    step = torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=x.dtype)
    noise = torch.diag_embed(torch.stack([wander, turn], -1))
    state = step @ state
    spread = step @ spread @ step.T + noise
    return Motion(state[..., 0, 0], state[..., 1, 0], spread[..., 0, 0], spread[..., 0, 1], spread[..., 1, 1])


def right_loop(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """One coordinate after the other in Python numbers, then back to tensors of the same shape and dtype."""
    new = [torch.empty_like(part, memory_format=torch.contiguous_format) for part in motion]
    flat = [part.view(-1) for part in new]
    old = [part.reshape(-1).tolist() for part in (*motion, wander, turn)]
    for i, (x, v, p, c, q, w, u) in enumerate(zip(*old, strict=False)):
        for out, value in zip(flat, (x + v, v, p + 2 * c + q + w, c + q, q + u), strict=False):
            out[i] = value
    return Motion(*new)


def wrong_covariance_once(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Adds the covariance once instead of twice to the position's variance."""
    x, v, p, c, q = motion
    return Motion(x + v, v, p + c + q + wander, c + q, q + turn)


def wrong_new_covariance(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Computes the covariance first and then uses the new one for the position's variance."""
    x, v, p, c, q = motion
    c = c + q
    p = p + 2 * c + q + wander
    return Motion(x + v, v, p, c, q + turn)


def wrong_turn_first(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Adds `turn` to the velocity's variance first, so that it leaks into the other two."""
    x, v, p, c, q = motion
    q = q + turn
    return Motion(x + v, v, p + 2 * c + q + wander, c + q, q)


def wrong_squares(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Takes `wander` and `turn` for standard deviations and squares them."""
    x, v, p, c, q = motion
    return Motion(x + v, v, p + 2 * c + q + wander**2, c + q, q + turn**2)


def wrong_covariance_stays(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """Leaves the covariance as it was."""
    x, v, p, c, q = motion
    return Motion(x + v, v, p + 2 * c + q + wander, c, q + turn)


def wrong_in_place(motion: Motion, wander: Tensor, turn: Tensor) -> Motion:
    """The right numbers, but += writes them into the tensors of the input."""
    x, v, p, c, q = motion
    x += v
    p += 2 * c + q + wander
    c += q
    q += turn
    return Motion(x, v, p, c, q)
