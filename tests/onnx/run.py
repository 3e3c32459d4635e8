"""Runs an ONNX classifier in ONNX Runtime and writes down what it answers; classifiers.rs judges that.

run.py MODEL OUTPUT SIDE INPUTS ANSWERS
INPUTS holds pictures of 3 x SIDE x SIDE float32, normalised; into ANSWERS goes one float32 for each number of each answer.
"""

import sys

import numpy as np
from onnxruntime import InferenceSession

model, output, side, inputs, answers = sys.argv[1:]
session = InferenceSession(model)
pictures = np.fromfile(inputs, np.float32).reshape(-1, 1, 3, int(side), int(side))
name = session.get_inputs()[0].name
np.stack([session.run([output], {name: picture})[0][0] for picture in pictures]).tofile(answers)
