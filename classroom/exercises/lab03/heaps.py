"""Boxes that overlap, for the cases of suppression in lab 03."""

import torch

from classroom.exercises.cases import boxes

CHAIN = boxes((0, 0, 10, 10), (4, 0, 14, 10), (8, 0, 18, 10))
HEAPS = boxes(
    (2, 0, 22, 12), (0, 0, 20, 10), (60, 5, 75, 30), (1, 1, 20, 12), (58, 4, 74, 30), (30, 20, 40, 44)
)
SCORES = torch.tensor([0.6, 0.9, 0.5, 0.7, 0.8, 0.3])
