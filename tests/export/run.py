"""Runs an exported model and writes down what it answers; main.rs judges that.

run.py RUNTIME MODEL SIDE INPUTS ANSWERS
INPUTS holds pictures of SIDE x SIDE x 3 bytes, as our program preprocessed them; into ANSWERS goes one float32 for each
number of each answer. The labels that the file itself gives are printed as JSON, an empty list for none.
"""

import json
import os
import sys
import zipfile
from functools import reduce
from operator import iadd

# Another runtime has the other core, and BLAS would wait for its second thread in a loop.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np


def onnxruntime(model, inputs):
    import onnx
    from onnxruntime import InferenceSession

    onnx.checker.check_model(model, full_check=True)
    session = InferenceSession(model)
    kind = np.uint8 if session.get_inputs()[0].type == "tensor(uint8)" else np.float32
    labels = json.loads(session.get_modelmeta().custom_metadata_map.get("labels", "[]"))
    # The number of pictures is open: all at once, in portions.
    portions = np.array_split(inputs, -(-len(inputs) // 8))
    return labels, [answer for portion in portions for answer in session.run(None, {"input": portion.astype(kind)})[0]]


def litert(model, inputs):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model).get_signature_runner()
    kind = runner.get_input_details()["input"]["dtype"]
    labels = zipfile.ZipFile(model).read("labels.txt").decode().splitlines() if zipfile.is_zipfile(model) else []
    return labels, [next(iter(runner(input=picture[None].astype(kind)).values()))[0] for picture in inputs]


def mediapipe(model, inputs):
    """As an app does it: MediaPipe finds normalisation and labels in the file."""
    from mediapipe import Image, ImageFormat
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.ImageClassifierOptions(base_options=BaseOptions(model_asset_path=model))
    labels, answers = [], []
    with vision.ImageClassifier.create_from_options(options) as classifier:
        for picture in inputs:
            image = Image(image_format=ImageFormat.SRGB, data=picture)
            categories = classifier.classify(image).classifications[0].categories
            categories.sort(key=lambda category: category.index)
            labels = [category.category_name for category in categories]
            answers.append([category.score for category in categories])
    return labels, answers


def numpy(model, inputs):
    """The weights alone, and the network by hand: what a program does with the safetensors file."""
    from safetensors import safe_open

    with safe_open(model, "np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        about = json.loads(file.metadata()["mobilenet"])
    mean, std = (np.array(about["input"][name], np.float32) for name in ("mean", "std"))

    def windows(x, stride):
        """The nine taps of a 3x3 kernel, padded as TensorFlow's SAME does."""
        side = -(-x.shape[0] // stride)
        missing = (side - 1) * stride + 3 - x.shape[0]
        x = np.pad(x, [(missing // 2, missing - missing // 2)] * 2 + [(0, 0)])
        for tap in range(9):
            yield tap // 3, tap % 3, x[tap // 3 :: stride, tap % 3 :: stride][:side, :side]

    def convolve(name, x, stride=1):
        kernel, bias = tensors[f"{name}/kernel"], tensors[f"{name}/bias"]
        if name.endswith("depthwise"):
            x = reduce(iadd, (tap * kernel[row, column, :, 0] for row, column, tap in windows(x, stride)))
        elif kernel.shape[0] == 3:
            x = reduce(iadd, (tap @ kernel[row, column] for row, column, tap in windows(x, stride)))
        else:
            x = x @ kernel[0, 0]
        x += bias
        return x if name.endswith("project") else np.clip(x, 0, 6, out=x)

    def classify(picture):
        x, means = convolve("Conv1", (picture - mean) / std, 2), []
        for block in range(17):
            name, before = f"block_{block}" if block else "expanded_conv", x
            if block:
                x = convolve(f"{name}_expand", x)
            x = convolve(f"{name}_depthwise", x, 2 if block in (1, 3, 6, 13) else 1)
            means.append(x.mean((0, 1)))
            x = convolve(f"{name}_project", x)
            x = x + before if x.shape == before.shape else x
        embedding = convolve("Conv_1", x).mean((0, 1))
        if len(tensors["head/kernel"]) > len(embedding):
            embedding = np.concatenate([embedding, *means[-4:]])
        powers = np.exp(embedding @ tensors["head/kernel"] + tensors["head/bias"])
        return powers / powers.sum()

    return about["labels"], [classify(picture) for picture in inputs]


runtime, model, side, inputs, answers = sys.argv[1:]
pictures = np.fromfile(inputs, np.uint8).reshape(-1, int(side), int(side), 3)
labels, numbers = {run.__name__: run for run in (onnxruntime, litert, mediapipe, numpy)}[runtime](model, pictures)
np.array(numbers, np.float32).tofile(answers)
print(json.dumps(labels))
