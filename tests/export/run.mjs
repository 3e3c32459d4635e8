// Runs an exported model in TensorFlow.js and writes down what it answers; main.rs judges that. See run.py.
//
// run.mjs MODEL SIDE INPUTS ANSWERS

import { readFile, writeFile } from "node:fs/promises";
import "@tensorflow/tfjs-backend-wasm";
import converter from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";

const [folder, side, inputs, answers] = process.argv.slice(2);
if (!folder || !inputs || !answers) throw new Error("run.mjs MODEL SIDE INPUTS ANSWERS");
const length = Number(side) ** 2 * 3;

await tf.setBackend("wasm");
const json = JSON.parse(await readFile(`${folder}/model.json`, "utf8"));
const { paths, weights } = json.weightsManifest[0];
const bytes = await readFile(`${folder}/${paths[0]}`);
const model = await converter.loadGraphModel(
  tf.io.fromMemory({
    modelTopology: json.modelTopology,
    signature: json.signature,
    weightSpecs: weights,
    weightData: new Uint8Array(bytes).buffer,
  }),
);

const pictures = await readFile(inputs);
/** @type {number[]} */
const numbers = [];
for (let at = 0; at < pictures.length; at += length) {
  const input = tf.tensor(Float32Array.from(pictures.subarray(at, at + length)), [1, Number(side), Number(side), 3]);
  const output = model.predict(input);
  if (!(output instanceof tf.Tensor)) throw new Error("one output was expected");
  numbers.push(...(await output.data()));
  tf.dispose([input, output]);
}
await writeFile(answers, new Uint8Array(Float32Array.from(numbers).buffer));
console.log(JSON.stringify(json.userDefinedMetadata.labels ?? []));
