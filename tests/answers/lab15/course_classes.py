import torch
from torch import Tensor

Found = dict[str, Tensor]


def right_mask(found: Found, ours: dict[int, int]) -> Found:
    """A mask, and a lookup."""
    keep = torch.tensor([k in ours for k in found["labels"].tolist()], dtype=torch.bool)
    new = torch.tensor([ours[k] for k in found["labels"][keep].tolist()], dtype=torch.long)
    return {"boxes": found["boxes"][keep], "labels": new, "scores": found["scores"][keep]}


def right_indices(found: Found, ours: dict[int, int]) -> Found:
    """A list of rows."""
    rows = [i for i, k in enumerate(found["labels"]) if int(k) in ours]
    labels = torch.tensor([ours[int(found["labels"][i])] for i in rows], dtype=torch.int64)
    rows = torch.tensor(rows, dtype=torch.int64)
    return {"labels": labels, "scores": found["scores"][rows], "boxes": found["boxes"][rows]}


def right_table(found: Found, ours: dict[int, int]) -> Found:
    """A table of 1,000 classes, in which 0 means unknown."""
    table = torch.zeros(1000, dtype=torch.int64)
    for theirs, mine in ours.items():
        table[theirs] = mine
    labels = table[found["labels"]]
    known = labels > 0
    return {"boxes": found["boxes"][known], "labels": labels[known], "scores": found["scores"][known]}


def wrong_background(found: Found, ours: dict[int, int]) -> Found:
    """Unknown classes become 0."""
    return found | {
        "labels": torch.tensor([ours.get(k, 0) for k in found["labels"].tolist()], dtype=torch.int64)
    }


def wrong_kept(found: Found, ours: dict[int, int]) -> Found:
    """Unknown classes keep their number."""
    return found | {
        "labels": torch.tensor([ours.get(k, k) for k in found["labels"].tolist()], dtype=torch.int64)
    }


def wrong_chain(found: Found, ours: dict[int, int]) -> Found:
    """Replaces one class after the other in the same tensor."""
    labels = found["labels"].clone()
    keep = torch.isin(found["labels"], torch.tensor(list(ours)))
    for theirs, mine in ours.items():
        labels[labels == theirs] = mine
    return {"boxes": found["boxes"][keep], "labels": labels[keep], "scores": found["scores"][keep]}


def wrong_scores(found: Found, ours: dict[int, int]) -> Found:
    """Forgets the scores."""
    keep = torch.tensor([k in ours for k in found["labels"].tolist()], dtype=torch.bool)
    new = torch.tensor([ours[k] for k in found["labels"][keep].tolist()], dtype=torch.long)
    return {"boxes": found["boxes"][keep], "labels": new, "scores": found["scores"]}


def wrong_float(found: Found, ours: dict[int, int]) -> Found:
    """The labels of an empty result are float."""
    keep = torch.tensor([k in ours for k in found["labels"].tolist()], dtype=torch.bool)
    new = torch.tensor([ours[k] for k in found["labels"][keep].tolist()])
    return {"boxes": found["boxes"][keep], "labels": new, "scores": found["scores"][keep]}


def wrong_same_labels(found: Found, ours: dict[int, int]) -> Found:
    """Filters, and forgets to rename."""
    keep = torch.tensor([k in ours for k in found["labels"].tolist()], dtype=torch.bool)
    return {key: value[keep] for key, value in found.items()}


def wrong_from_zero(found: Found, ours: dict[int, int]) -> Found:
    """Counts our classes from 0."""
    keep = torch.tensor([k in ours for k in found["labels"].tolist()], dtype=torch.bool)
    new = torch.tensor([ours[k] - 1 for k in found["labels"][keep].tolist()], dtype=torch.long)
    return {"boxes": found["boxes"][keep], "labels": new, "scores": found["scores"][keep]}
