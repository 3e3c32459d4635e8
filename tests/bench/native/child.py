"""ONNX Runtime for the terminal's half of the benchmark: one request a line in, one answer a line out, both JSON.

    open: model file, type "uint8" or "float32", inputs of bytes  ->  version
    run: discarded, timed                                         ->  millis of each timed run of the network
    answer                                                        ->  answers, the probabilities of each input
    photos: files                                                 ->  seconds and classes

A request has these, the `verb`, and the `network` it is for, which is a name of the asker's choice.

Photos go through two threads that each decode and run with a session of one thread. On two cores that was the fastest of the
ways tried: 50 photos a second, against 27 to 50 for one thread that decodes ahead of a session of two, and 23 to 46 without decoding ahead.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
from PIL import Image

SIDE = 224
THREADS = 2


class Network:
    def __init__(self, model, type, inputs):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name
        self.type = type
        self.inputs = [self.tensor(np.array(one).reshape(SIDE, SIDE, 3)) for one in inputs]

    def tensor(self, pixels):
        return np.ascontiguousarray(pixels[None], self.type)

    def infer(self, tensor):
        return self.session.run(["probabilities"], {self.name: tensor})[0][0]

    def run(self, discarded, timed):
        millis = []
        for at in range(discarded + timed):
            start = time.perf_counter()
            self.infer(self.inputs[at % len(self.inputs)])
            millis.append((time.perf_counter() - start) * 1e3)
        return {"millis": millis[discarded:]}

    def answer(self):
        return {"answers": [self.infer(tensor).tolist() for tensor in self.inputs]}

    def classify(self, file):
        with Image.open(file) as picture:
            small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        return int(self.infer(self.tensor(np.asarray(small))).argmax())

    def photos(self, files):
        start = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as threads:
            classes = list(threads.map(self.classify, files))
        return {"seconds": time.perf_counter() - start, "classes": classes}


def main():
    networks = {}
    for line in sys.stdin:
        request = json.loads(line)
        verb, name = request.pop("verb"), request.pop("network")
        if verb == "open":
            networks[name] = Network(**request)
            answer = {"version": onnxruntime.__version__}
        else:
            answer = getattr(networks[name], verb)(**request)
        print(json.dumps(answer), flush=True)


main()
