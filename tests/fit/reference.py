#!/usr/bin/env python3
"""Makes reference.json: what Keras computes, in double precision, for the fits that src/core/fit/reference.rs repeats.

    python3 -m venv target/reference && target/reference/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0
    target/reference/bin/python tests/fit/reference.py

Keras computes the layer, the loss, the gradient, Adam, the schedules and early stopping; draws.py draws what is random.
A record with a fault was computed with that fault, and holds the values that show it.
"""
import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

from draws import shuffled, split_mix, uniform

keras.config.set_floatx("float64")
CLASSES, FEATURES, SAMPLES = 3, 7, 24
STEPS = {"seed": 5, "dropout": 0, "learning_rate": 0.03125, "schedule": "constant", "batch": SAMPLES, "epochs": 10}
RUN = {"seed": 6, "dropout": 0.25, "learning_rate": 0.125, "schedule": "plateau", "batch": 7, "epochs": 60,
       "patience": 5}
LARGE = np.array([[1e3, 1e3, -1e3], [1e6, 0, -1e6], [1000.5, 1000, 999], [-1000.5, -1000, -1001], [0, -15, -20]])


def samples(seed, count):
    """Noisy clusters. The last feature is so faint that Adam's epsilon decides how far its weights move."""
    classes = np.arange(count) % 4 % CLASSES
    embeddings = np.random.RandomState(seed).randint(0, 97, (count, FEATURES)) / 64 + np.eye(CLASSES, FEATURES)[classes]
    return embeddings * ([1] * (FEATURES - 1) + [2**-14]), classes


class EpsilonInRoot(keras.optimizers.Adam):
    def update_step(self, gradient, variable, learning_rate):
        velocity = self._velocities[self._get_variable_index(variable)]
        velocity = velocity + (gradient**2 - velocity) * (1 - self.beta_2)
        self.epsilon = np.sqrt(velocity + 1e-7) - np.sqrt(velocity)
        super().update_step(gradient, variable, learning_rate)


def head(recipe, draws, adam=keras.optimizers.Adam, l2=0, decayed=["kernel"], mean="sum_over_batch_size", **constants):
    """The model, compiled for a recipe; the other parameters are for faults."""
    dense = keras.layers.Dense(CLASSES, kernel_regularizer=keras.regularizers.L2(l2 / 2))
    model = keras.Sequential([keras.Input((FEATURES,)), dense])
    first = (uniform(draws, CLASSES, FEATURES).T * 2 - 1) * np.sqrt(6 / (CLASSES + FEATURES))
    model.set_weights([first, np.zeros(CLASSES)])
    cosine = keras.optimizers.schedules.CosineDecay(recipe["learning_rate"], recipe["epochs"])
    rate = cosine if recipe["schedule"] == "cosine" else recipe["learning_rate"]
    optimizer = adam(rate, weight_decay=recipe.get("weight_decay"), **constants)
    optimizer.exclude_from_weight_decay(var_names=[name for name in ("kernel", "bias") if name not in decayed])
    loss = keras.losses.CategoricalCrossentropy(True, recipe.get("label_smoothing", 0), reduction=mean)
    model.compile(optimizer, loss, metrics=["categorical_accuracy"], run_eagerly=True)
    return model


def flat(kernel, bias):
    return np.concatenate([np.transpose(kernel).ravel(), np.ravel(bias)])


def steps(recipe, class_weights=np.ones(CLASSES), truth=np.eye(CLASSES), **faults):
    """Ten steps, each on all samples, and nothing random but the first weights."""
    model = head(recipe, split_mix(recipe["seed"]), **faults)
    adam, x, values = model.optimizer, TRAIN[0] * SCALE, {"start": flat(*model.get_weights())}
    for step in range(1, 11):
        model.train_on_batch(x, truth[TRAIN[1]], class_weights[TRAIN[1]])
        if step == 1:
            values["gradient"] = flat(*adam._momentums) / (1 - adam.beta_1)
        if step in (1, 2, 3, 10):
            values[f"weights after step {step}"] = flat(*model.get_weights())
    logits = np.array(model(x))
    loss = np.mean(keras.losses.categorical_crossentropy(np.eye(CLASSES)[TRAIN[1]], logits, from_logits=True))
    values |= {"momentum": flat(*adam._momentums), "velocity": flat(*adam._velocities)}
    return values | {"logits": logits, "softmax": keras.ops.softmax(logits), "loss of the head": loss}


def run(recipe, scaled=True, factor=0.5, restore=True, extra_patience=0):
    """A whole fit: batches, dropout, a rate that is halved, early stopping."""
    draws, keep, batch = split_mix(recipe["seed"]), 1 - recipe["dropout"], recipe["batch"]
    model = head(recipe, draws)

    def batches():
        while True:
            order = shuffled(draws, SAMPLES)
            x = TRAIN[0][order] * SCALE * (uniform(draws, SAMPLES, FEATURES) < keep) / (keep if scaled else 1)
            y = np.eye(CLASSES)[TRAIN[1][order]]
            yield from ((x[at:][:batch], y[at:][:batch]) for at in range(0, SAMPLES, batch))

    stop = keras.callbacks.EarlyStopping(patience=recipe["patience"] + extra_patience, restore_best_weights=restore)
    plateau = keras.callbacks.ReduceLROnPlateau(factor=factor, patience=1, min_delta=0)
    validation = VALIDATION[0] * SCALE, np.eye(CLASSES)[VALIDATION[1]]
    history = model.fit(batches(), steps_per_epoch=-(-SAMPLES // batch), epochs=recipe["epochs"], verbose=0,
                        shuffle=False, validation_data=validation, callbacks=[plateau, stop]).history
    kernel, bias = model.get_weights()
    del history["learning_rate"]
    return history | {"best epoch": stop.best_epoch + 1, "head": flat(kernel * SCALE, bias)}


def answers(cut=np.inf, floored=True):
    """Softmax of large logits, and each class's loss of that, for which Keras keeps it between 1e-7 and 1 - 1e-7."""
    shares, loss = np.array(keras.ops.softmax(np.minimum(LARGE, cut))), keras.losses.categorical_crossentropy
    losses = [loss(truth + 0 * LARGE, shares if floored else LARGE, not floored) for truth in np.eye(CLASSES)]
    return {"large softmax": shares, "large losses": np.transpose(losses)}


TRAIN, VALIDATION = samples(1, SAMPLES), samples(2, 12)
SCALE = 1 / np.sqrt((TRAIN[0] ** 2).sum(1).mean())  # our recipe: embeddings of a root mean square length of one


def records():
    """Kind, recipe and values of a fit; or of a wrong one, with its fault and the names of the values that show it."""
    adam, weights = ["gradient", "momentum", "velocity"], [f"weights after step {step}" for step in (2, 3, 10)]
    yield "answers", {}, answers()
    yield "answers", {}, answers(cut=88), "logits cut at 88", ["large softmax"]
    yield "answers", {}, answers(floored=False), "no least probability", ["large losses"]

    right = steps(STEPS)
    astray = {"start": right["start"] * np.sqrt(10 / 7), "logits": right["logits"] - right[weights[-1]][-CLASSES:],
              "softmax": keras.ops.softmax(right["logits"], 0),
              "loss of the head": right["loss of the head"] * np.log2(np.e)}
    yield "steps", STEPS, right
    yield "steps", STEPS, astray, "LeCun's first weights; no bias; softmax over samples; loss in bits", list(astray)
    yield "steps", STEPS, steps(STEPS, mean="sum"), "loss summed", adam
    yield "steps", STEPS, steps(STEPS, beta_1=0.89), "beta 1 is 0.89", ["momentum", *weights]
    yield "steps", STEPS, steps(STEPS, beta_2=0.99), "beta 2 is 0.99", ["velocity", *weights]
    yield "steps", STEPS, steps(STEPS, adam=EpsilonInRoot), "epsilon inside the root", ["weights after step 1"]
    yield "steps", STEPS, steps(STEPS, epsilon=1e-8), "epsilon as PyTorch has it", ["weights after step 1", *weights]

    smooth, balanced = STEPS | {"label_smoothing": 0.125}, STEPS | {"class_weights": "balanced"}
    others, inverse = np.where(np.eye(CLASSES), 0.875, 0.125 / (CLASSES - 1)), SAMPLES / np.bincount(TRAIN[1])
    yield "steps", smooth, steps(smooth)
    yield "steps", smooth, steps(STEPS, truth=others), "smoothed over the other classes only", adam
    yield "steps", balanced, steps(balanced, inverse / CLASSES)
    yield "steps", balanced, steps(balanced, inverse), "class weights with another mean", adam

    decayed, cosine = STEPS | {"weight_decay": 0.25}, STEPS | {"schedule": "cosine"}
    yield "steps", decayed, steps(decayed)
    yield "steps", decayed, steps(STEPS, l2=0.25), "decay as a part of the gradient", adam + weights
    yield "steps", decayed, steps(decayed, decayed=["kernel", "bias"]), "bias decayed too", weights
    yield "steps", cosine, steps(cosine)
    yield "steps", cosine, steps(cosine | {"epochs": 9}), "cosine over a step less", weights

    whole = run(RUN)
    yield "run", RUN, whole
    yield "run", RUN, run(RUN, scaled=False), "dropout without scaling", list(whole)
    yield "run", RUN, run(RUN, factor=0.75), "rate not halved", list(whole)
    yield "run", RUN, run(RUN, extra_patience=1), "one more epoch of patience", ["loss", "val_loss"]
    yield "run", RUN, run(RUN, restore=False), "last epoch kept", ["head"]


def text():
    lines = []
    for kind, recipe, values, *wrong in records():
        fault, shown = wrong or (None, values)
        rounded = {name: [float(f"{number:.9g}") for number in np.ravel(values[name])] for name in shown}
        record = {"kind": kind, "recipe": recipe, "fault": fault, "values": rounded}
        lines.append(json.dumps(record).replace('], "', '],\n "'))
    sets = {"train": TRAIN, "validation": VALIDATION, "large_logits": LARGE}
    parts = [f'"{name}": {json.dumps([part.tolist() for part in of])}' for name, of in sets.items()]
    return "{" + ",\n".join(parts) + ',\n"records": [\n' + ",\n".join(lines) + "]}\n"


Path(__file__).with_suffix(".json").write_text(text())
