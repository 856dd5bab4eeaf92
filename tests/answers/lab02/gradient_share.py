"""Answers to `gradient_share` (lab 02), written from the student's notebook alone."""

import torch
from torch import Tensor


def right_by_autograd(losses_of, features: Tensor) -> dict[str, float]:
    """One forward pass, one gradient for each loss; without any gradient at all, every share is NaN."""
    leaf = features.detach().clone().requires_grad_()
    lengths = {}
    for name, loss in losses_of(leaf).items():
        if not loss.requires_grad:  # a constant pulls at nothing
            lengths[name] = 0.0
            continue
        (gradient,) = torch.autograd.grad(loss, leaf, retain_graph=True, materialize_grads=True)
        lengths[name] = gradient.norm().item()
    total = sum(lengths.values())
    return {name: length / total if total > 0 else float("nan") for name, length in lengths.items()}


def right_by_fresh_passes(losses_of, features: Tensor) -> dict[str, float]:
    """A forward pass and a new leaf for each loss; without any gradient at all, every share is 0."""
    with torch.no_grad():
        names = list(losses_of(features.detach()))
    lengths = []
    for name in names:
        leaf = features.detach().clone().requires_grad_(True)
        loss = losses_of(leaf)[name]
        if loss.requires_grad:
            loss.backward(inputs=[leaf])
        lengths.append(0.0 if leaf.grad is None else float(torch.linalg.vector_norm(leaf.grad)))
    total = sum(lengths)
    return {name: length / total if total else 0.0 for name, length in zip(names, lengths, strict=True)}


def right_by_backward(losses_of, features: Tensor) -> dict[str, float]:
    """One leaf whose gradient is wiped between the losses;
    all losses share equally when none has a gradient.
    """
    leaf = features.detach().requires_grad_()
    losses = losses_of(leaf)
    squares = {}
    for name in losses:
        leaf.grad = torch.zeros_like(leaf)
        if losses[name].requires_grad:
            losses[name].backward(inputs=[leaf], retain_graph=True)
        squares[name] = leaf.grad.double().square().sum().item()
    total = sum(square**0.5 for square in squares.values())
    if total == 0:
        return {name: 1 / len(squares) for name in squares}
    return {name: square**0.5 / total for name, square in squares.items()}


def _gradients(losses_of, features):
    leaf = features.detach().clone().requires_grad_()
    losses = losses_of(leaf)
    kinds = {"retain_graph": True, "materialize_grads": True}
    return {name: torch.autograd.grad(loss, leaf, **kinds)[0] for name, loss in losses.items()}


def _shares(lengths):
    total = sum(lengths.values())
    return {name: float(length / total) for name, length in lengths.items()}


def wrong_shares_of_the_losses(losses_of, features):
    """Compares the values and not the gradients:
    wrong for a large loss that hardly depends on the features.
    """
    return _shares({name: loss.item() for name, loss in losses_of(features).items()})


def wrong_squared_lengths(losses_of, features):
    """Forgets the root: 0.9 and 0.1 where 3 to 1 gives 0.75 and 0.25."""
    return _shares({name: g.square().sum().item() for name, g in _gradients(losses_of, features).items()})


def wrong_one_norm(losses_of, features):
    """Adds up absolute values: wrong for two gradients of
    which one is spread out and the other is one spike.
    """
    return _shares({name: g.abs().sum().item() for name, g in _gradients(losses_of, features).items()})


def wrong_gradients_pile_up(losses_of, features):
    """The gradient is not wiped between the losses: the second length is that of the sum of both."""
    leaf = features.detach().clone().requires_grad_()
    lengths = {}
    for name, loss in losses_of(leaf).items():
        loss.backward(retain_graph=True)
        lengths[name] = leaf.grad.norm().item()
    return _shares(lengths)


def wrong_length_of_the_sum(losses_of, features):
    """Divides by the length of the total gradient:
    shares do not add up to 1 unless all gradients are parallel.
    """
    gradients = _gradients(losses_of, features)
    total = sum(gradients.values()).norm()
    return {name: (g.norm() / total).item() for name, g in gradients.items()}


def wrong_lengths(losses_of, features):
    """Returns the lengths themselves: not shares, as they do not add up to 1."""
    return {name: g.norm().item() for name, g in _gradients(losses_of, features).items()}


def wrong_length_per_picture(losses_of, features):
    """Averages the lengths of single pictures:
    wrong when one loss pulls at one picture and the other at all.
    """
    gradients = _gradients(losses_of, features)
    return _shares({name: g.flatten(1).norm(dim=1).mean().item() for name, g in gradients.items()})


def wrong_largest_entry(losses_of, features):
    """The greatest number of a gradient is not its length: wrong for a spike against something spread out."""
    return _shares({name: g.abs().max().item() for name, g in _gradients(losses_of, features).items()})


def wrong_signed_sum(losses_of, features):
    """Adds up the numbers with their signs: a gradient of +1 and -1 counts as none."""
    return _shares({name: abs(g.sum().item()) + 1e-12 for name, g in _gradients(losses_of, features).items()})


def wrong_softmax(losses_of, features):
    """A softmax of the lengths: equal shares for two tiny gradients of very unlike length."""
    gradients = _gradients(losses_of, features)
    weights = torch.stack([g.norm() for g in gradients.values()]).softmax(0)
    return dict(zip(gradients, weights.tolist(), strict=True))


def wrong_tensors(losses_of, features):
    """The values are tensors of one number and not plain numbers: wrong for every input."""
    lengths = {name: g.norm() for name, g in _gradients(losses_of, features).items()}
    total = sum(lengths.values())
    return {name: length / total for name, length in lengths.items()}


def wrong_relative_to_the_loss(losses_of, features):
    """Divides each length by its loss first: a loss that is scaled by 1000 keeps its share."""
    losses = losses_of(features)
    gradients = _gradients(losses_of, features)
    return _shares({name: g.norm().item() / losses[name].item() for name, g in gradients.items()})
