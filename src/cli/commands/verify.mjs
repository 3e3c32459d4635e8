// Runs the wasm package as a page does, on picture files named on standard input, one JSON string a line, or an array of bytes
// where a name is no text;
// answers with one line of JSON each. Arguments: the package's folder, the model file.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, modelFile] = process.argv.slice(1);
const { initSync, Classifier } = await import(pathToFileURL(join(folder, "mobilenet_web.js")).href);
initSync({ module: readFileSync(join(folder, "mobilenet_web_bg.wasm")) });
const classifier = Classifier.fromBytes(readFileSync(modelFile));

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}

function answer(file) {
  try {
    return { answer: classifier.classifyBytes(readFileSync(Array.isArray(file) ? Buffer.from(file) : file), classifier.labels.length) };
  } catch (error) {
    return { error: error.message };
  }
}
