// The names that the documentation has to list: exports, members, attributes, events, codes, fields. Types are asked of
// TypeScript, of modules in pkg/ and of the bindings in pkg/wasm; the program is asked for its own names; what is markup or an
// event in the page's scripts is found in their text.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { listOfProgram } from './facts.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LOAD = 'pkg/engine/page/load.js';
const NODE = 'pkg/engine/node/node.js';
const FAILURE = 'pkg/engine/shared/failure.js';
const ELEMENT = 'pkg/element/element.js';
const EVENTS = 'pkg/element/events.js';
const TEACHER = 'pkg/teach/teacher.js';
const MODULES = readdirSync(join(ROOT, 'pkg/wasm')).filter((name) => /^mobilenet_\w+(?<!_bg\.wasm)\.d\.ts$/.test(name));
const BINDINGS = MODULES.map((name) => name.replace('.d.ts', ''));

// Of the page's own, and of wasm-bindgen's.
const INTERNAL = ['PageEngine', 'Session', 'InitInput', 'InitOutput', 'SyncInitInput', 'free', '[Symbol.dispose]'];

/** @param {string} path of a module, out of sight of the types, which are those of Node here */
const load = (path) => import(pathToFileURL(join(ROOT, path)).href);
/** @type {Record<string, string[] | undefined>} */
const OBSERVED = {
  [ELEMENT]: (await load(ELEMENT)).MobilenetClassifier.observedAttributes,
  [TEACHER]: (await load(TEACHER)).MobilenetTeacher.observedAttributes,
};

/** @param {string} path below the root of the project */
export function source(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}

/**
 * @param {string} folder
 * @param {string} ending
 */
function sources(folder, ending) {
  return readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(ending)).map((name) => source(`${folder}/${name}`)).join('\n');
}

const program = ts.createProgram(
  [LOAD, NODE, FAILURE, ELEMENT, TEACHER, ...MODULES.map((name) => `pkg/wasm/${name}`)].map((path) => join(ROOT, path)),
  { ...ts.parseJsonConfigFileContent(JSON.parse(source('pkg/tsconfig.json')), ts.sys, join(ROOT, 'pkg')).options, noEmit: true },
);
const checker = program.getTypeChecker();

/** @param {ts.Symbol} symbol */
function nameOf(symbol) {
  return symbol.name.startsWith('__@dispose') ? '[Symbol.dispose]' : symbol.name;
}

/** @param {string} path */
function exportsOf(path) {
  const file = program.getSourceFile(join(ROOT, path));
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${path} is not there, or exports nothing`);
  return checker.getExportsOfModule(module).map((symbol) => ({
    name: symbol.name,
    target: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  }));
}

/** @param {string} path */
function valuesOf(path) {
  return exportsOf(path).filter(({ target }) => target.flags & ts.SymbolFlags.Value).map(({ name }) => name);
}

/** @param {string} path */
function typesOf(path) {
  return exportsOf(path).filter(({ target }) => !(target.flags & ts.SymbolFlags.Value)).map(({ name }) => name);
}

/**
 * @param {string} path
 * @param {string} name
 */
function symbolOf(path, name) {
  const found = exportsOf(path).find((exported) => exported.name === name);
  if (!found) throw new Error(`${path} exports no ${name}`);
  return found.target;
}

/** @param {ts.Type} type */
function propertiesOf(type) {
  const types = type.isUnion() ? type.types : [type];
  return types.flatMap((one) => checker.getPropertiesOfType(one)).filter((property) => !property.name.startsWith('#'));
}

/**
 * The properties of a type that `load.js` exports.
 *
 * @param {string} name
 */
export function fieldsOf(name) {
  return propertiesOf(checker.getDeclaredTypeOfSymbol(symbolOf(LOAD, name))).map(nameOf);
}

function recipe() {
  const settings = checker.getDeclaredTypeOfSymbol(symbolOf(LOAD, 'Settings'));
  const property = settings.getProperty('recipe');
  if (!property) throw new Error('Settings has no recipe');
  return propertiesOf(checker.getNonNullableType(checker.getTypeOfSymbol(property))).map(nameOf);
}

function codes() {
  const code = checker.getDeclaredTypeOfSymbol(symbolOf(FAILURE, 'Code'));
  const inPages = code.isUnion() ? code.types.flatMap((type) => (type.isStringLiteral() ? [type.value] : [])) : [];
  const inRust = listOfProgram('codes');
  return inRust && [...inPages, ...inRust];
}

/**
 * The members of a class and of its base classes of ours, but for what the browser calls.
 *
 * @param {string} path
 * @param {string} name
 */
function ownMembers(path, name) {
  const members = classesOfOurs(symbolOf(path, name)).flatMap((one) => [...(one.members?.values() ?? [])]);
  return members.filter((member) => !/^__|^#|Callback$/.test(member.name));
}

/**
 * @param {ts.Symbol} symbol of a class
 * @returns {ts.Symbol[]} it and its base classes, but for those of the browser
 */
function classesOfOurs(symbol) {
  if (symbol.declarations?.some((declaration) => program.isSourceFileDefaultLibrary(declaration.getSourceFile()))) return [];
  const bases = checker.getBaseTypes(/** @type {ts.InterfaceType} */ (checker.getDeclaredTypeOfSymbol(symbol)));
  return [symbol, ...bases.flatMap((base) => classesOfOurs(base.symbol))];
}

/**
 * @param {string} path
 * @param {string} name
 */
function attributes(path, name) {
  const settable = ownMembers(path, name).filter(({ flags }) => flags & ts.SymbolFlags.SetAccessor);
  return [...OBSERVED[path] ?? [], ...settable.map((member) => member.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))];
}

/** @param {string} text */
function quoted(text) {
  return [...text.matchAll(/'([^']+)'/g)].flatMap(([, inside = '']) => inside.split(' '));
}

/** @param {string} folder */
function parts(folder) {
  const scripts = sources(folder, '.js');
  const inTemplates = [...scripts.matchAll(/ part="([^"]+)"/g)].flatMap(([, names = '']) => names.split(' '));
  return [...inTemplates, ...[...scripts.matchAll(/setAttribute\('part', ([^)]*)\)/g)].flatMap(([, value = '']) => quoted(value))];
}

/**
 * @param {string} path
 * @param {RegExp} pattern whose first group is a name
 */
function found(path, pattern) {
  return [...source(path).matchAll(pattern)].map(([, name]) => name ?? '');
}

/** @param {string} binding */
function classesOf(binding) {
  const path = `pkg/wasm/${binding}.d.ts`;
  return exportsOf(path).filter(({ target }) => target.flags & ts.SymbolFlags.Class).map(({ name, target }) => {
    const statics = propertiesOf(checker.getTypeOfSymbol(target)).filter((property) => property.name !== 'prototype');
    const members = [...propertiesOf(checker.getDeclaredTypeOfSymbol(target)), ...statics].map(nameOf);
    const [maker] = target.members?.get(/** @type {ts.__String} */ ('__constructor'))?.declarations ?? [];
    const isOpen = maker && !(ts.getCombinedModifierFlags(maker) & ts.ModifierFlags.Private);
    return { name, members: isOpen ? ['constructor', ...members] : members };
  });
}

/** @type {Record<string, () => string[] | null>} what a `data-lists` has to name; null where the program is not built */
export const LISTS = {
  package: () => Object.keys(JSON.parse(source('pkg/package.json')).exports).map((key) => key.replace(/^\./, 'mobilenet-web')),
  'onnx package': () => Object.keys(JSON.parse(source('pkg/onnx/package.json')).exports).map((key) => key.replace(/^\./, 'mobilenet-web-onnx')),
  load: () => valuesOf(LOAD),
  classifier: () => fieldsOf('Classifier'),
  types: () => typesOf(LOAD),
  recipe,
  node: () => valuesOf(NODE),
  codes,
  'element attributes': () => attributes(ELEMENT, 'MobilenetClassifier'),
  'element properties': () => ownMembers(ELEMENT, 'MobilenetClassifier').filter(({ flags }) => flags & ts.SymbolFlags.GetAccessor && !(flags & ts.SymbolFlags.SetAccessor)).map(nameOf),
  'element methods': () => ownMembers(ELEMENT, 'MobilenetClassifier').filter(({ flags }) => flags & ts.SymbolFlags.Method).map(nameOf),
  'element events': () => found(EVENTS, /new CustomEvent\('([^']+)'/g),
  'element slots': () => [...sources('pkg/element', '.js').matchAll(/<slot name="([^"]+)"/g)].map(([, name]) => name ?? ''),
  'element parts': () => parts('pkg/element'),
  'element custom': () => ['pkg/element', 'pkg/teach'].flatMap((folder) => sources(folder, '.css').match(/--classifier-[a-z-]*[a-z]/g) ?? []),
  'teacher attributes': () => attributes(TEACHER, 'MobilenetTeacher'),
  'teacher events': () => found(TEACHER, /new CustomEvent\('([^']+)'/g),
  'teacher parts': () => parts('pkg/teach'),
  ...Object.fromEntries(['manifest', 'project', 'shards', 'beside', 'onnx refused', 'exports'].map((key) => [key, () => listOfProgram(key)])),
  ...Object.fromEntries(BINDINGS.map((binding) => [binding, () => exportsOf(`pkg/wasm/${binding}.d.ts`).map(({ name }) => name)])),
  ...Object.fromEntries(BINDINGS.flatMap((binding) => classesOf(binding).map(({ name, members }) => [`${binding} ${name}`, () => members]))),
};

/**
 * @param {string[]} names
 * @returns {string[]} without repetitions and what is nobody else's business
 */
export function listed(names) {
  return [...new Set(names)].filter((name) => !INTERNAL.includes(name)).sort();
}
