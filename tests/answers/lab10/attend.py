import math

import torch
import torch.nn.functional as F
from torch import Tensor


def right_matmul(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """The formula with @."""
    weights = (queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(-1)
    return weights @ values, weights


def right_einsum(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """einsum, with the scale on both sides before the product."""
    root = queries.shape[-1] ** -0.25
    products = torch.einsum("...qd,...td->...qt", queries * root, keys * root)
    weights = F.softmax(products, dim=-1)
    return torch.einsum("...qt,...tc->...qc", weights, values), weights


def right_by_hand(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Query by query, with a softmax that takes the maximum away first."""
    rows, all_weights = [], []
    for q in range(queries.shape[-2]):
        products = (queries[..., q : q + 1, :] * keys).sum(-1) / queries.shape[-1] ** 0.5  # (..., T)
        powers = (products - products.amax(-1, keepdim=True)).exp()
        weights = powers / powers.sum(-1, keepdim=True)
        all_weights.append(weights)
        rows.append((weights[..., None] * values).sum(-2))
    return torch.stack(rows, -2), torch.stack(all_weights, -2)


def wrong_no_scale(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Forgets to divide by the root of d."""
    weights = (queries @ keys.transpose(-2, -1)).softmax(-1)
    return weights @ values, weights


def wrong_scale_d(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Divides by d instead of by its root."""
    weights = (queries @ keys.transpose(-2, -1) / queries.shape[-1]).softmax(-1)
    return weights @ values, weights


def wrong_softmax_over_queries(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Takes the softmax over the queries, so that the weights of a token and not of a query add up to 1."""
    weights = (queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(-2)
    return weights @ values, weights


def wrong_overflow(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Writes the softmax out without taking the maximum away, which overflows for large numbers."""
    powers = (queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).exp()
    weights = powers / powers.sum(-1, keepdim=True)
    return weights @ values, weights


def wrong_order_of_results(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the weights first and what is gathered second."""
    weights = (queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(-1)
    return weights, weights @ values


def wrong_two_axes_only(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Flattens the axes in front of the keys into one table, so that images and heads see each other's tokens."""
    flat_keys, flat_values = keys.flatten(0, -2), values.flatten(0, -2)
    weights = (queries @ flat_keys.T / math.sqrt(queries.shape[-1])).softmax(-1)
    return weights @ flat_values, weights


def wrong_weights_detached(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Cuts the gradient at the weights, so that queries and keys never learn."""
    with torch.no_grad():
        weights = (queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(-1)
    return weights @ values, weights
