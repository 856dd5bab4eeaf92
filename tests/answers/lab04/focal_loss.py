"""Answers to `focal_loss` (lab 04), written from the student's notebook alone."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def right_by_cross_entropy(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """The library's cross-entropy from logits, times two factors (for a gamma between 0 and 1 its gradient at
    60 is not finite; the text asks that of the loss).
    """
    targets = targets.to(logits.dtype)
    p = logits.sigmoid()
    p_t = p * targets + (1 - p) * (1 - targets)
    alpha_t = alpha * targets + (1 - alpha) * (1 - targets)
    cost = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return alpha_t * (1 - p_t) ** gamma * cost


def right_by_turned_logits(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """z is the logit of the right answer: p_t = sigmoid(z), 1 - p_t = sigmoid(-z),
    and the power is one of e.
    """
    z = torch.where(targets > 0, logits, -logits)
    alpha_t = torch.where(targets > 0, alpha, 1 - alpha)
    return -alpha_t * torch.exp(gamma * F.logsigmoid(-z)) * F.logsigmoid(z)


def right_by_two_cases(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """The loss if it were an object and the loss if it were background; each anchor takes its own."""
    p, q = torch.sigmoid(logits), torch.sigmoid(-logits)
    of_object = alpha * q**gamma * F.softplus(-logits)
    of_background = (1 - alpha) * p**gamma * F.softplus(logits)
    return torch.where(targets == 1, of_object, of_background)


def right_in_double_precision(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """-log p_t = log(1 + e^-z), as logaddexp in double precision; 1 - p_t from it by expm1."""
    signs = 2 * targets.double() - 1
    z = signs * logits.double()
    cost = torch.logaddexp(torch.zeros_like(z), -z)
    weight = (-torch.expm1(-cost)).pow(gamma) * (0.5 + signs * (alpha - 0.5))
    return (weight * cost).to(logits.dtype)


def right_by_loops(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Number by number, as tensors, so that the gradient survives."""
    losses = []
    for logit, target in zip(logits.flatten(), targets.flatten().tolist(), strict=True):
        sign, weight = (1, alpha) if target else (-1, 1 - alpha)
        losses.append(-weight * torch.sigmoid(-sign * logit) ** gamma * F.logsigmoid(sign * logit))
    return torch.stack(losses).reshape(logits.shape) if losses else logits * 0.0


def _parts(logits, targets, alpha):
    """p_t, alpha_t and -log p_t as they should be, for answers whose mistake is elsewhere."""
    targets = targets.to(logits.dtype)
    p_t = ((2 * targets - 1) * logits).sigmoid()
    alpha_t = alpha * targets + (1 - alpha) * (1 - targets)
    return p_t, alpha_t, F.binary_cross_entropy_with_logits(logits, targets, reduction="none")


def wrong_logarithm_of_the_sigmoid(logits, targets, alpha=0.25, gamma=2.0):
    """log of 1 - sigmoid: at a logit of 60 on background that is log 0, infinite."""
    p = logits.sigmoid()
    p_t = torch.where(targets > 0, p, 1 - p)
    alpha_t = torch.where(targets > 0, alpha, 1 - alpha)
    return -alpha_t * (1 - p_t) ** gamma * p_t.log()


def wrong_clamped_probability(logits, targets, alpha=0.25, gamma=2.0):
    """Clamps p_t to 0.000001: finite, but a logit of 60 on background costs 10 and not 45,
    with no gradient.
    """
    p_t, alpha_t, _ = _parts(logits, targets, alpha)
    return -alpha_t * (1 - p_t) ** gamma * p_t.clamp(min=1e-6).log()


def wrong_mean(logits, targets, alpha=0.25, gamma=2.0):
    """The mean of all, one number, where the loss of each was asked for."""
    p_t, alpha_t, cost = _parts(logits, targets, alpha)
    return (alpha_t * (1 - p_t) ** gamma * cost).mean()


def wrong_alpha_for_all(logits, targets, alpha=0.25, gamma=2.0):
    """alpha for background too: it counts 0.25 and not 0.75."""
    p_t, _, cost = _parts(logits, targets, alpha)
    return alpha * (1 - p_t) ** gamma * cost


def wrong_alpha_exchanged(logits, targets, alpha=0.25, gamma=2.0):
    """alpha for background and 1 - alpha for objects."""
    p_t, alpha_t, cost = _parts(logits, targets, alpha)
    return (1 - alpha_t) * (1 - p_t) ** gamma * cost


def wrong_alpha_ignored(logits, targets, alpha=0.25, gamma=2.0):
    """No balance at all: everything costs more than it should."""
    p_t, _, cost = _parts(logits, targets, alpha)
    return (1 - p_t) ** gamma * cost


def wrong_power_of_the_right_answer(logits, targets, alpha=0.25, gamma=2.0):
    """p_t to the power of gamma: turns down what is hard, not what is easy."""
    p_t, alpha_t, cost = _parts(logits, targets, alpha)
    return alpha_t * p_t**gamma * cost


def wrong_p_for_both(logits, targets, alpha=0.25, gamma=2.0):
    """(1 - p) in the factor for background too: an easy negative keeps its loss."""
    _, alpha_t, cost = _parts(logits, targets, alpha)
    return alpha_t * (1 - logits.sigmoid()) ** gamma * cost


def wrong_factor_for_power(logits, targets, alpha=0.25, gamma=2.0):
    """Multiplies by gamma where it is an exponent: 0 for gamma 0, where the cross-entropy should be left."""
    p_t, alpha_t, cost = _parts(logits, targets, alpha)
    return alpha_t * gamma * (1 - p_t) * cost


def wrong_sign(logits, targets, alpha=0.25, gamma=2.0):
    """The minus is forgotten: negative losses, and training makes everything worse."""
    p_t, alpha_t, cost = _parts(logits, targets, alpha)
    return -alpha_t * (1 - p_t) ** gamma * cost


def wrong_objects_only(logits, targets, alpha=0.25, gamma=2.0):
    """The term of the background is forgotten: a false alarm costs nothing."""
    p_t, alpha_t, cost = _parts(logits, targets, alpha)
    return targets * alpha_t * (1 - p_t) ** gamma * cost


def wrong_gamma_ignored(logits, targets, alpha=0.25, gamma=2.0):
    """Always squares: wrong for gamma 0, the cross-entropy, and for 5."""
    p_t, alpha_t, cost = _parts(logits, targets, alpha)
    return alpha_t * (1 - p_t).square() * cost


def wrong_no_gradient(logits, targets, alpha=0.25, gamma=2.0):
    """Plain numbers: the values are right, but nothing can be trained with them."""
    losses = []
    for logit, target in zip(logits.flatten().tolist(), targets.flatten().tolist(), strict=True):
        z, weight = (logit, alpha) if target else (-logit, 1 - alpha)
        cost = math.log1p(math.exp(-abs(z))) + max(-z, 0.0)
        losses.append(weight * (-math.expm1(-cost)) ** gamma * cost)
    return torch.tensor(losses, dtype=logits.dtype).reshape(logits.shape)


def wrong_softmax(logits, targets, alpha=0.25, gamma=2.0):
    """A softmax over the last axis where each logit is an answer of its own."""
    p_t = torch.where(targets > 0, logits.softmax(-1), 1 - logits.softmax(-1))
    alpha_t = torch.where(targets > 0, alpha, 1 - alpha)
    return -alpha_t * (1 - p_t) ** gamma * p_t.clamp(min=1e-30).log()


def wrong_sigmoid_twice(logits, targets, alpha=0.25, gamma=2.0):
    """Gives probabilities to a function that takes logits:
    the cost of all answers lies between 0.3 and 1.3.
    """
    p_t, alpha_t, _ = _parts(logits, targets, alpha)
    cost = F.binary_cross_entropy_with_logits(logits.sigmoid(), targets.to(logits.dtype), reduction="none")
    return alpha_t * (1 - p_t) ** gamma * cost
