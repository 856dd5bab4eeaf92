"""Answers to `gradient_share` (lab 02) by somebody else, written from the student's notebook alone."""

import torch
from torch import Tensor


def _gradients(losses_of, features: Tensor) -> dict[str, Tensor]:
    x = features.detach().clone().requires_grad_()
    losses = losses_of(x)
    found = {}
    for name, loss in losses.items():
        (gradient,) = torch.autograd.grad(loss, x, retain_graph=True, allow_unused=True)
        found[name] = torch.zeros_like(x) if gradient is None else gradient
    return found


# ------------------------------------------------------------------ right


def right_autograd(losses_of, features: Tensor) -> dict[str, float]:
    """torch.autograd.grad for each loss, on one graph."""
    x = features.detach().clone().requires_grad_()
    losses = losses_of(x)
    lengths = {}
    for name, loss in losses.items():
        (gradient,) = torch.autograd.grad(loss, x, retain_graph=True, allow_unused=True)
        lengths[name] = 0.0 if gradient is None else gradient.norm().item()
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}


def right_backward(losses_of, features: Tensor) -> dict[str, float]:
    """backward for each loss, into the gradient of a leaf that is emptied each time."""
    leaf = features.detach().clone()
    leaf.requires_grad = True
    losses = losses_of(leaf)
    lengths = []
    for loss in losses.values():
        leaf.grad = None
        torch.autograd.backward([loss], retain_graph=True, inputs=[leaf])
        lengths.append(0.0 if leaf.grad is None else leaf.grad.square().sum().sqrt().item())
    total = sum(lengths)
    return dict(zip(losses, (length / total for length in lengths), strict=True))


def right_new_graph_for_each(losses_of, features: Tensor) -> dict[str, float]:
    """A new leaf and a new graph for each loss."""
    names = list(losses_of(features.detach()))
    lengths = torch.zeros(len(names), dtype=torch.float64)
    for i, name in enumerate(names):
        leaf = features.detach().clone().requires_grad_(True)
        gradient = torch.autograd.grad(losses_of(leaf)[name], leaf, allow_unused=True)[0]
        if gradient is not None:
            lengths[i] = torch.linalg.vector_norm(gradient.double())
    return {name: float(share) for name, share in zip(names, lengths / lengths.sum(), strict=True)}


def right_stacked(losses_of, features: Tensor) -> dict[str, float]:
    """All gradients as rows of one table, norms and shares at once."""
    gradients = _gradients(losses_of, features)
    rows = torch.stack([gradient.flatten() for gradient in gradients.values()])  # (losses, numbers)
    lengths = rows.norm(dim=1)
    return dict(zip(gradients, (lengths / lengths.sum()).tolist(), strict=True))


# ------------------------------------------------------------------ wrong


def wrong_share_of_the_loss(losses_of, features: Tensor) -> dict[str, float]:
    """Returns the shares of the values of the losses, not of their gradients."""
    losses = {name: loss.item() for name, loss in losses_of(features).items()}
    total = sum(losses.values())
    return {name: loss / total for name, loss in losses.items()}


def wrong_squared_length(losses_of, features: Tensor) -> dict[str, float]:
    """Forgets the root: shares of the squared lengths."""
    squares = {name: g.square().sum().item() for name, g in _gradients(losses_of, features).items()}
    total = sum(squares.values())
    return {name: square / total for name, square in squares.items()}


def wrong_one_norm(losses_of, features: Tensor) -> dict[str, float]:
    """Takes the sum of the absolute values for the length."""
    lengths = {name: g.abs().sum().item() for name, g in _gradients(losses_of, features).items()}
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}


def wrong_largest_number(losses_of, features: Tensor) -> dict[str, float]:
    """Takes the largest number of the gradient for its length."""
    lengths = {name: g.abs().max().item() for name, g in _gradients(losses_of, features).items()}
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}


def wrong_plain_sum(losses_of, features: Tensor) -> dict[str, float]:
    """Sums the numbers of the gradient with their signs."""
    lengths = {name: g.sum().item() for name, g in _gradients(losses_of, features).items()}
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}


def wrong_accumulates(losses_of, features: Tensor) -> dict[str, float]:
    """Does not empty .grad between the losses, so the second gradient contains the first."""
    leaf = features.detach().clone().requires_grad_()
    lengths = {}
    for name, loss in losses_of(leaf).items():
        loss.backward(retain_graph=True)
        lengths[name] = leaf.grad.norm().item()
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}


def wrong_length_of_the_sum(losses_of, features: Tensor) -> dict[str, float]:
    """Divides by the length of the summed gradient, not by the sum of the lengths."""
    gradients = _gradients(losses_of, features)
    total = sum(gradients.values()).norm().item()
    return {name: g.norm().item() / total for name, g in gradients.items()}


def wrong_root_of_squares(losses_of, features: Tensor) -> dict[str, float]:
    """Divides by the root of the sum of squared lengths, so the shares do not add up to 1."""
    lengths = {name: g.norm().item() for name, g in _gradients(losses_of, features).items()}
    total = sum(length**2 for length in lengths.values()) ** 0.5
    return {name: length / total for name, length in lengths.items()}


def wrong_lengths(losses_of, features: Tensor) -> dict[str, float]:
    """Returns the lengths and forgets to make shares of them."""
    return {name: g.norm().item() for name, g in _gradients(losses_of, features).items()}


def wrong_tensors(losses_of, features: Tensor) -> dict[str, float]:
    """Returns tensors, not plain numbers."""
    lengths = {name: g.norm() for name, g in _gradients(losses_of, features).items()}
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}


def wrong_picture_by_picture(losses_of, features: Tensor) -> dict[str, float]:
    """Averages the lengths of the rows of the last axis instead of taking one length of all numbers."""
    lengths = {name: g.norm(dim=-1).mean().item() for name, g in _gradients(losses_of, features).items()}
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}


def wrong_softmax(losses_of, features: Tensor) -> dict[str, float]:
    """Makes shares with a softmax of the lengths."""
    gradients = _gradients(losses_of, features)
    shares = torch.stack([g.norm() for g in gradients.values()]).softmax(0)
    return dict(zip(gradients, shares.tolist(), strict=True))


def wrong_percent(losses_of, features: Tensor) -> dict[str, float]:
    """Returns percent."""
    lengths = {name: g.norm().item() for name, g in _gradients(losses_of, features).items()}
    total = sum(lengths.values())
    return {name: 100 * length / total for name, length in lengths.items()}


def wrong_two_names_only(losses_of, features: Tensor) -> dict[str, float]:
    """Knows only the losses "box" and "class", whatever losses_of returns."""
    gradients = _gradients(losses_of, features)
    box, label = gradients["box"].norm().item(), gradients["class"].norm().item()
    return {"box": box / (box + label), "class": label / (box + label)}


def wrong_graph_freed(losses_of, features: Tensor) -> dict[str, float]:
    """Does not keep the graph, so losses that share a layer behind the features raise an error."""
    leaf = features.detach().clone().requires_grad_()
    lengths = {
        name: torch.autograd.grad(loss, leaf)[0].norm().item() for name, loss in losses_of(leaf).items()
    }
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}
