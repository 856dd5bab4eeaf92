"""Answers to `pca_colours` (lab 08), written from the student's notebook alone."""

import torch


def _cells(maps):
    return maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])


def _back(values, maps):
    n, _, h, w = maps.shape
    return values.reshape(n, h, w, -1).permute(0, 3, 1, 2)


def _stretch(values):
    values = values - values.min(0).values
    return values / values.max(0).values


def right_by_covariance(maps):
    """The eigenvectors of the covariance matrix, the last three in reverse."""
    cells = _cells(maps) - _cells(maps).mean(0)
    _, vectors = torch.linalg.eigh(cells.T @ cells / len(cells))
    return _back(_stretch(cells @ vectors[:, [-1, -2, -3]]), maps)


def right_by_svd_of_columns(maps):
    """The cells as columns."""
    columns = maps.transpose(0, 1).flatten(1)
    columns = columns - columns.mean(1, keepdim=True)
    u, _, _ = torch.linalg.svd(columns, full_matrices=False)
    return _back(_stretch((u[:, :3].T @ columns).T), maps)


def right_in_double(maps):
    """In double precision, with the scores that svd gives itself, and the opposite signs."""
    cells = _cells(maps.double())
    u, s, _ = torch.linalg.svd(cells - cells.mean(0), full_matrices=False)
    return _back(_stretch(-u[:, :3] * s[:3]), maps)


def wrong_not_centred(maps):
    """Forgets the mean."""
    cells = _cells(maps)
    return _back(_stretch(cells @ torch.linalg.svd(cells, full_matrices=False)[2][:3].T), maps)


def wrong_smallest(maps):
    """Takes the first three of eigh, which are the smallest."""
    cells = _cells(maps) - _cells(maps).mean(0)
    return _back(_stretch(cells @ torch.linalg.eigh(cells.T @ cells)[1][:, :3]), maps)


def wrong_order(maps):
    """The last three of eigh, not reversed."""
    cells = _cells(maps) - _cells(maps).mean(0)
    return _back(_stretch(cells @ torch.linalg.eigh(cells.T @ cells)[1][:, -3:]), maps)


def wrong_each_image(maps):
    """A PCA of its own for each image."""
    return torch.cat([right_by_covariance(each[None]) for each in maps])


def wrong_one_range(maps):
    """All three numbers are stretched together."""
    cells = _cells(maps) - _cells(maps).mean(0)
    values = cells @ torch.linalg.eigh(cells.T @ cells)[1].flip(1)[:, :3]
    return _back((values - values.min()) / (values.max() - values.min()), maps)


def wrong_view(maps):
    """Reshapes without permute."""
    cells = maps.reshape(-1, maps.shape[1])
    cells = cells - cells.mean(0)
    return _back(_stretch(cells @ torch.linalg.eigh(cells.T @ cells)[1].flip(1)[:, :3]), maps)


def wrong_three_channels(maps):
    """The first three channels."""
    return _back(_stretch(_cells(maps)[:, :3]), maps)


def wrong_channels_last(maps):
    """The colours stay on the last axis."""
    return right_by_covariance(maps).permute(0, 2, 3, 1)
