// Where the built-in model is: `mobilenet site` or `mobilenet serve` put it beside the page.

/** @returns {string | null} address of its file */
export const builtInModel = () => new URL('./model.safetensors', import.meta.url).href;
