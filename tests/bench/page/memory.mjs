// The wasm memories of this page, seen by standing between an engine and the WebAssembly API.
//
// Every engine here is wasm, so the bytes of its memories are what it keeps; they only grow. `performance.measureUserAgentSpecificMemory`
// would count this page's own objects too. Import before any engine.

/** @type {Set<WebAssembly.Memory>} */
const memories = new Set();

/** @param {WebAssembly.Instance} instance */
function note(instance) {
  for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.add(value);
}

const { instantiate, instantiateStreaming } = WebAssembly;

WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, values, self) {
    const memory = Reflect.construct(target, values, self);
    memories.add(memory);
    return memory;
  },
});

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, values, self) {
    const instance = Reflect.construct(target, values, self);
    note(instance);
    return instance;
  },
});

/** @type {any} */ (WebAssembly).instantiate = async (/** @type {[any, any]} */ ...values) => {
  const made = /** @type {any} */ (await instantiate(...values));
  note(made.instance ?? made);
  return made;
};

WebAssembly.instantiateStreaming = async (/** @type {Parameters<typeof instantiateStreaming>} */ ...values) => {
  const made = await instantiateStreaming(...values);
  note(made.instance);
  return made;
};

/** Bytes of all wasm memories that an engine has made or been given. */
export function memoryBytes() {
  return [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
