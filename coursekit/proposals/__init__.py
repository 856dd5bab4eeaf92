"""Guesses at where objects are, from pixels alone, in one flat namespace."""

from coursekit.proposals.grid import grid_proposals
from coursekit.proposals.grouping import (
    SIMILARITIES,
    Merge,
    Similarity,
    colour_similarity,
    fill_similarity,
    merge_regions,
    merged_labels,
    selective_search,
    size_similarity,
    texture_similarity,
)
from coursekit.proposals.regions import Regions, describe_regions, segment, to_space

__all__ = [
    "SIMILARITIES", "Merge", "Regions", "Similarity", "colour_similarity", "describe_regions",
    "fill_similarity", "grid_proposals", "merge_regions", "merged_labels", "segment", "selective_search",
    "size_similarity", "texture_similarity", "to_space",
]  # fmt: skip
