// Where the built-in model is. A page with a model of its own has another module in place of this one: `pkg/build/site/built-in.js`
// when it is a site, `pkg/build/onefile/built-in.js` when it is one file.

/** @returns {string | null} address of its file; null for the model inside the wasm */
export const builtInModel = () => null;
