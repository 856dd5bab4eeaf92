"""One training on several processes: each sees its part of every batch, and all end up with the same weights.

    torchrun --nproc-per-node 2 -m coursekit train retinanet

Two processes with batches of 8 take the steps of one process with batches of 16. Averaging the gradients is not
enough for that: batch normalisation needs the statistics of all images, and a loss that is divided by a number
of anchors, regions or masks needs the number of all. Outside torchrun there is only one process, and these functions do nothing.

Source: Li et al., "PyTorch Distributed", 2020, arXiv:2006.15704; for the statistics Peng et al., "MegDet", 2018,
arXiv:1711.07240, section 4.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


def rank() -> int:
    """The number of this process, from 0; the first one prints and saves."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """The number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


@contextmanager
def processes(device: str | None = None) -> Iterator[torch.device]:
    """The device of this process, which under torchrun can communicate with the others until the end of the block.

    Args:
        device: "cpu", "cuda", or None for a GPU if there is one. Each process of a machine has a GPU of its own.
    Raises:
        ValueError: not enough GPUs.
    """
    mine = device_of(device, int(os.environ.get("LOCAL_RANK", 0)))
    if "LOCAL_RANK" not in os.environ:
        yield mine
        return
    backend = "nccl" if mine.type == "cuda" else "gloo"
    dist.init_process_group(
        backend, timeout=timedelta(days=1)
    )  # as long as one process may wait for another to compute features
    try:
        yield mine
    finally:
        dist.destroy_process_group()


def device_of(name: str | None, number: int = 0) -> torch.device:
    """The device of process `number` of this machine.

    >>> device_of("cpu", number=1)
    device(type='cpu')
    """
    name = name or ("cuda" if torch.cuda.is_available() else "cpu")
    if name != "cuda":
        return torch.device(name)
    if number >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise ValueError(f"Process {number} has no GPU, there are {count}: start fewer, or use --device cpu.")
    torch.cuda.set_device(number)
    return torch.device("cuda", number)


def my_part(batch: Sequence) -> Sequence:
    """The items of a batch that this process takes: an equal share of each."""
    share = len(batch) // size()
    return batch[rank() * share : (rank() + 1) * share]


def total(values: Tensor) -> Tensor:
    """The sum of the values of all processes, on each of them."""
    values = values.detach().clone(memory_format=torch.contiguous_format)
    if size() > 1:
        dist.all_reduce(values)
    return values


class Total(torch.autograd.Function):
    """`total` with a gradient, because the result on each process depends on the values of all."""

    @staticmethod
    def forward(context, values: Tensor) -> Tensor:
        return total(values)

    @staticmethod
    def backward(context, gradient: Tensor) -> Tensor:
        return total(gradient)


def mean(losses: dict[str, Tensor]) -> dict[str, Tensor]:
    """The losses in the mean over the processes, without gradient: NaN in one is NaN in all."""
    if size() == 1:
        return losses
    means = total(torch.stack(list(losses.values()))) / size()
    return dict(zip(losses, means, strict=True))


def any_of(flag: bool, device: torch.device) -> bool:
    """Whether the flag is set in any of the processes."""
    return bool(total(torch.tensor(float(flag), device=device)) > 0)


def same(number: int, device: torch.device) -> bool:
    """Whether all processes have the same number."""
    numbers = torch.zeros(size(), device=device)
    numbers[rank()] = number
    return bool((total(numbers) == number).all())


@contextmanager
def first_process_first() -> Iterator[None]:
    """The first process runs the block alone, then the others: they find the files that it has written."""
    if size() > 1 and rank() > 0:
        dist.barrier()
    yield
    if size() > 1 and rank() == 0:
        dist.barrier()


def parallel(model: nn.Module) -> nn.Module:
    """A wrapper to call instead of the model: its gradients come from the images of all processes.

    The losses must be means over the images, because each process has equally many, or sums divided by `shared_count`.
    """
    if size() == 1:
        return model
    model = with_shared_batch_norm(model)
    device = next(model.parameters()).device
    return DistributedDataParallel(model, [device] if device.type == "cuda" else None)


def shared_count(count: Tensor) -> Tensor:
    """Return what a loss, summed over `count` things of this process, is divided by: at least 1.

    On several processes it is the mean of their counts, so that the mean of the losses is the loss of all images.

    Shapes: () -> ().

    >>> shared_count(torch.tensor(0)), shared_count(torch.tensor(7))
    (tensor(1), tensor(7))
    """
    if size() == 1:
        return count.clamp(min=1)
    return total(count).clamp(min=1).double() / size()


def with_shared_batch_norm(model: nn.Module) -> nn.Module:
    """The model with each of its `BatchNorm2d` replaced by a `SharedBatchNorm` of the same tensors.

    Like torch's `SyncBatchNorm.convert_sync_batchnorm`, which is for GPUs only.

    >>> type(with_shared_batch_norm(nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2)))[1]).__name__
    'SharedBatchNorm'
    """
    if isinstance(model, nn.BatchNorm2d):
        return SharedBatchNorm.of(model)
    for name, child in model.named_children():
        model.register_module(name, with_shared_batch_norm(child))
    return model


class SharedBatchNorm(nn.BatchNorm2d):
    """Batch normalisation with the mean and the variance of the images of all processes.

    Like torch's `SyncBatchNorm`, but on a CPU too.
    """

    @classmethod
    def of(cls, norm: nn.BatchNorm2d) -> "SharedBatchNorm":
        """The same normalisation, shared: the same parameters and statistics, not copies."""
        shared = cls(norm.num_features, norm.eps, norm.momentum, norm.affine).train(norm.training)
        shared.weight, shared.bias = norm.weight, norm.bias
        shared.running_mean, shared.running_var = norm.running_mean, norm.running_var
        shared.num_batches_tracked = norm.num_batches_tracked
        return shared

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or size() == 1:
            return super().forward(x)
        of_channels = (1, -1, 1, 1)
        count = total(x.new_tensor(x.numel() / x.shape[1]))
        mean = Total.apply(x.sum((0, 2, 3))) / count  # (C,)
        centred = x - mean.view(of_channels)  # (N, C, h, w)
        variance = Total.apply(centred.square().sum((0, 2, 3))) / count  # (C,)
        assert (
            self.running_mean is not None and self.running_var is not None
        )  # as `nn.BatchNorm2d` makes them
        assert self.num_batches_tracked is not None and self.momentum is not None
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
            self.num_batches_tracked += 1
        y = centred * (variance + self.eps).rsqrt().view(of_channels)
        return y if self.weight is None else y * self.weight.view(of_channels) + self.bias.view(of_channels)
