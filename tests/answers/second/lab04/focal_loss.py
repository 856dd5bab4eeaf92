"""Answers to `focal_loss` (lab 04) by somebody else, written from the student's notebook alone."""

import torch
import torch.nn.functional as F
from torch import Tensor

# ------------------------------------------------------------------ right


def right_signed_logit(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Turn the sign of the logit for background; then one formula serves both."""
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    return -(alpha * t + (1 - alpha) * (1 - t)) * torch.sigmoid(-z) ** gamma * F.logsigmoid(z)


def right_two_cases(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """One formula for objects, one for background, chosen by where."""
    on_object = -alpha * (-logits).sigmoid().pow(gamma) * F.logsigmoid(logits)
    background = -(1 - alpha) * logits.sigmoid().pow(gamma) * F.logsigmoid(-logits)
    return torch.where(targets == 1, on_object, background)


def right_exponents(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Everything in logarithms; the factor is the exponential of gamma times the log of the wrong answer."""
    t = targets.to(logits.dtype)
    z = torch.where(t == 1, logits, -logits)
    zero = torch.zeros_like(z)
    cost, log_wrong = torch.logaddexp(zero, -z), -torch.logaddexp(zero, z)
    balance = alpha * t + (1 - alpha) * (1 - t)
    return balance * (gamma * log_wrong).exp() * cost


def right_softplus(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """softplus for the cross-entropy, expm1 for the probability of the wrong answer."""
    t = targets.to(logits.dtype)
    cost = t * F.softplus(-logits) + (1 - t) * F.softplus(logits)
    wrong = -torch.expm1(-cost)
    return cost * wrong**gamma * (t * alpha + (1 - t) * (1 - alpha))


def right_loop(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """One answer after the other."""
    losses = []
    for x, y in zip(logits.reshape(-1), targets.reshape(-1).tolist(), strict=True):
        z, share = (x, alpha) if y else (-x, 1 - alpha)
        losses.append(share * torch.sigmoid(-z) ** gamma * -F.logsigmoid(z))
    return torch.stack(losses).reshape(logits.shape) if losses else logits * 0.0


def right_bce_of_ones(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """The library's cross-entropy on the turned logits, whose right answer is always 1."""
    positive = targets.bool()
    z = torch.where(positive, logits, -logits)
    cost = F.binary_cross_entropy_with_logits(z, torch.ones_like(z), reduction="none")
    loss = torch.sigmoid(-z).pow(gamma) * cost
    return torch.where(positive, loss * alpha, loss * (1 - alpha))


# ------------------------------------------------------------------ wrong


def wrong_mean(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Returns the mean, not the loss of each."""
    return right_signed_logit(logits, targets, alpha, gamma).mean()


def wrong_sum_over_classes(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """Sums over the last axis."""
    return right_signed_logit(logits, targets, alpha, gamma).sum(-1)


def wrong_sign(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Forgets the minus: the loss is negative."""
    return -right_signed_logit(logits, targets, alpha, gamma)


def wrong_turns_down_the_hard(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """Multiplies by the probability of the right answer, so the hard ones are turned down."""
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    return -(alpha * t + (1 - alpha) * (1 - t)) * torch.sigmoid(z) ** gamma * F.logsigmoid(z)


def wrong_alpha_swapped(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Gives alpha to the background and 1 - alpha to objects."""
    return right_signed_logit(logits, targets, 1 - alpha, gamma)


def wrong_alpha_for_all(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Multiplies objects and background by the same alpha."""
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    return -alpha * torch.sigmoid(-z) ** gamma * F.logsigmoid(z)


def wrong_alpha_for_objects_only(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """Weighs objects by alpha and background by 1."""
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    return -(alpha * t + (1 - t)) * torch.sigmoid(-z) ** gamma * F.logsigmoid(z)


def wrong_no_alpha(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Forgets the balance."""
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    return -(torch.sigmoid(-z) ** gamma) * F.logsigmoid(z)


def wrong_gamma_as_factor(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Multiplies by gamma instead of taking a power."""
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    return -(alpha * t + (1 - alpha) * (1 - t)) * torch.sigmoid(-z) * gamma * F.logsigmoid(z)


def wrong_gamma_fixed(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Always squares, whatever gamma is."""
    return right_signed_logit(logits, targets, alpha, 2.0)


def wrong_factor_only_for_objects(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """Uses 1 - p for both, so for background the factor is the probability of the right answer."""
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    return -(alpha * t + (1 - alpha) * (1 - t)) * torch.sigmoid(-logits) ** gamma * F.logsigmoid(z)


def wrong_log_of_sigmoid(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Takes the logarithm of 1 - sigmoid, which is the logarithm of 0 at a logit of 60."""
    t = targets.to(logits.dtype)
    p = logits.sigmoid()
    p_t = p * t + (1 - p) * (1 - t)
    return -(alpha * t + (1 - alpha) * (1 - t)) * (1 - p_t) ** gamma * p_t.log()


def wrong_clamped_probability(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """Keeps p away from 0 and 1 by a clamp, so the loss ends at -log 1e-6 and has no gradient there."""
    t = targets.to(logits.dtype)
    p = logits.sigmoid().clamp(1e-6, 1 - 1e-6)
    p_t = p * t + (1 - p) * (1 - t)
    return -(alpha * t + (1 - alpha) * (1 - t)) * (1 - p_t) ** gamma * p_t.log()


def wrong_small_number_added(
    logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """Adds 1e-8 before the logarithm, so a wrong answer at 60 costs 18 and not 60."""
    t = targets.to(logits.dtype)
    p = logits.sigmoid()
    p_t = p * t + (1 - p) * (1 - t)
    return -(alpha * t + (1 - alpha) * (1 - t)) * (1 - p_t) ** gamma * (p_t + 1e-8).log()


def wrong_clamped_logits(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Clamps the logits to [-20, 20]."""
    return right_signed_logit(logits.clamp(-20, 20), targets, alpha, gamma)


def wrong_factor_detached(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Takes the factor for a constant, so the value is right and the gradient is not."""
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    factor = (torch.sigmoid(-z) ** gamma).detach()
    return -(alpha * t + (1 - alpha) * (1 - t)) * factor * F.logsigmoid(z)


def wrong_probabilities(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Takes the logits for probabilities."""
    t = targets.to(logits.dtype)
    p_t = logits * t + (1 - logits) * (1 - t)
    return -(alpha * t + (1 - alpha) * (1 - t)) * (1 - p_t) ** gamma * p_t.log()


def wrong_sigmoid_twice(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Puts the probabilities into a function that expects logits."""
    t = targets.to(logits.dtype)
    p = logits.sigmoid()
    p_t = p * t + (1 - p) * (1 - t)
    cost = F.binary_cross_entropy_with_logits(p, t, reduction="none")
    return (alpha * t + (1 - alpha) * (1 - t)) * (1 - p_t) ** gamma * cost


def wrong_softmax(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Takes a softmax over the last axis for the probability of each answer."""
    t = targets.to(logits.dtype)
    p = logits.softmax(-1)
    p_t = p * t + (1 - p) * (1 - t)
    return -(alpha * t + (1 - alpha) * (1 - t)) * (1 - p_t) ** gamma * p_t.log()


def wrong_only_objects(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Counts the objects only; background costs nothing."""
    return right_signed_logit(logits, targets, alpha, gamma) * targets
