"""Answers to `let_learn` (lab 08), written from the student's notebook alone."""

import copy

from torch import nn


def right_stage_by_stage(stages, names, follow):
    """A loop over all stages."""
    for name, stage in stages.items():
        learns = name in names
        for parameter in stage.parameters():
            parameter.requires_grad = learns
        stage.train(learns and follow)
    return stages


def right_by_norms(stages, names, follow):
    """Only batch normalisation has modes that matter."""
    for name in stages:
        stages[name].requires_grad_(name in names)
        for part in stages[name].modules():
            if isinstance(part, nn.BatchNorm2d):
                part.train(follow if name in names else False)
    return stages


def right_by_prefix(stages, names, follow):
    """By the names of the parameters."""
    stages.eval()
    for name, parameter in stages.named_parameters():
        parameter.requires_grad_(name.split(".")[0] in names)
    if follow:
        for name in names:
            stages[name].train()
    return stages


def wrong_always_train(stages, names, follow):
    """Stages that learn are in training mode, whatever `follow` says."""
    stages.requires_grad_(False).eval()
    for name in names:
        stages[name].requires_grad_(True).train()
    return stages


def wrong_all_train(stages, names, follow):
    """Everything follows if `follow` is true."""
    stages.requires_grad_(False).train(follow)
    for name in names:
        stages[name].requires_grad_(True)
    return stages


def wrong_nothing_frozen(stages, names, follow):
    """Freezes statistics alone."""
    stages.requires_grad_(True).eval()
    for name in names:
        stages[name].train(follow)
    return stages


def wrong_frozen_named(stages, names, follow):
    """Freezes what is named."""
    for name, stage in stages.items():
        stage.requires_grad_(name not in names).train(name not in names and follow)
    return stages


def wrong_norms_frozen(stages, names, follow):
    """Freezes the scale and shift of batch normalisation everywhere."""
    right_stage_by_stage(stages, names, follow)
    for part in stages.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.requires_grad_(False)
    return stages


def wrong_no_return(stages, names, follow):
    """Returns nothing."""
    right_stage_by_stage(stages, names, follow)


def wrong_copy(stages, names, follow):
    """Changes a copy."""
    return right_stage_by_stage(copy.deepcopy(stages), names, follow)


def wrong_return_in_the_loop(stages, names, follow):
    """The return is one level too deep."""
    stages.requires_grad_(False).eval()
    for name in names:
        stages[name].requires_grad_(True).train(follow)
        return stages
    return stages
