// Finds an element of a template, as what it is.

/**
 * @template {Element} T
 * @param {ShadowRoot} root
 * @param {string} id
 * @param {new () => T} type
 */
export function part(root, id, type) {
  const found = root.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`the template has no ${type.name} with the id ${id}`);
}
