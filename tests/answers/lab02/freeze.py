"""Answers to `freeze` (lab 02), written from the student's notebook alone."""

import copy
import types

import torch
from torch import nn


def right_by_two_calls(module: nn.Module) -> nn.Module:
    """Both methods return the module itself."""
    return module.eval().requires_grad_(False)


def right_by_loops(module: nn.Module) -> nn.Module:
    """Every parameter and every part by hand; gradients of earlier steps are thrown away."""
    for parameter in module.parameters():
        parameter.requires_grad = False
        parameter.grad = None
    for part in module.modules():
        part.training = False
    return module


def right_by_recursion(module: nn.Module) -> nn.Module:
    """A part is frozen when it and all its children are."""
    for child in module.children():
        right_by_recursion(child)
    for parameter in module.parameters(recurse=False):
        parameter.requires_grad_(False)
    module.training = False
    return module


def right_by_normalisations_only(module: nn.Module) -> nn.Module:
    """Only layers with statistics sleep. Other layers keep
    their mode (dropout goes on), as the text is silent.
    """
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    for part in module.modules():
        if getattr(part, "running_mean", None) is not None:
            part.eval()
    return module


def wrong_only_eval(module):
    """The statistics rest, but every weight still gets a gradient: wrong for all modules with weights."""
    return module.eval()


def wrong_only_gradients(module):
    """No gradients, but batch normalisation in training mode goes on following its batches."""
    return module.requires_grad_(False)


def wrong_upper_level_only(module):
    """Stops at the module's own parameters: those of its children, nearly all of them, go on learning."""
    for parameter in module.parameters(recurse=False):
        parameter.requires_grad = False
    return module.eval()


def wrong_attribute_of_the_module(module):
    """A module has no requires_grad of its own:
    this sets an attribute that nobody reads, and all weights learn.
    """
    module.requires_grad = False
    return module.eval()


def wrong_nothing_returned(module):
    """Freezes, but returns None and not the module: wrong for every module."""
    module.eval()
    module.requires_grad_(False)


def wrong_no_gradient_passes(module):
    """Runs the module under no_grad: what lies before it cannot learn, though a gradient may pass through."""
    inside = module.forward

    def forward(self, *args, **kwargs):
        with torch.no_grad():
            return inside(*args, **kwargs)

    module.forward = types.MethodType(forward, module)
    return module.eval().requires_grad_(False)


def wrong_copy(module):
    """Freezes a copy: the module that was handed in learns as before."""
    return copy.deepcopy(module).eval().requires_grad_(False)


def wrong_weights_without_biases(module):
    """Goes by the names: every bias still gets a gradient."""
    for name, parameter in module.named_parameters():
        if name.endswith("weight"):
            parameter.requires_grad_(False)
    return module.eval()


def wrong_children_only(module):
    """Looks for batch normalisation among the direct children:
    wrong for one inside a block, or for the module itself.
    """
    for child in module.children():
        if isinstance(child, nn.BatchNorm2d):
            child.eval()
    return module.requires_grad_(False)


def wrong_normalisation_left_out(module):
    """Freezes all layers but batch normalisation, whose scale and shift still get gradients."""
    for part in module.modules():
        if not isinstance(part, nn.BatchNorm2d):
            for parameter in part.parameters(recurse=False):
                parameter.requires_grad_(False)
    return module.eval()


def wrong_toggled(module):
    """Flips the switch instead of setting it: what was frozen already wakes up, as in a second call."""
    for parameter in module.parameters():
        parameter.requires_grad = not parameter.requires_grad
    return module.eval()


def wrong_train_for_eval(module):
    """train(True) wakes the statistics up, where train(False) was meant:
    wrong for every batch normalisation.
    """
    return module.train(True).requires_grad_(False)


def wrong_weights_on_demand(module):
    """Throws the present gradients away, but the next backward() makes new ones:
    wrong for all modules with weights.
    """
    module.zero_grad(set_to_none=True)
    return module.eval()
