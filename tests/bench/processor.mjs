// What kind of processor this is, as far as it decides how fast an int8 network can be: whether it has a product of bytes.

import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** @typedef {'with AVX-VNNI' | 'without AVX-VNNI'} Kind of an x86 processor, as V8 tells them apart; the figures have a section for each */

const CPUINFO = '/proc/cpuinfo';

/**
 * @param {string} cpuinfo the text of Linux' /proc/cpuinfo, empty elsewhere
 * @param {'flags' | 'Features'} line what the first processor's list is called: on x86, or on ARM
 * @returns {string[] | null} null where there is no such line
 */
function listOf(cpuinfo, line) {
  return new RegExp(`^${line}[ \\t]*:(.*)$`, 'm').exec(cpuinfo)?.[1]?.trim().split(/\s+/) ?? null;
}

/**
 * AVX-512's own VNNI does not count here: V8 uses no AVX-512.
 *
 * @param {string} cpuinfo
 * @returns {Kind | null} null for what is no x86 processor, and where the text does not say
 */
export function kindOf(cpuinfo) {
  const flags = listOf(cpuinfo, 'flags');
  return flags && (flags.includes('avx_vnni') ? 'with AVX-VNNI' : 'without AVX-VNNI');
}

/**
 * The model, and what it has.
 *
 * @param {string} cpuinfo
 * @param {string} model as the system calls it
 */
export function describe(cpuinfo, model) {
  const [kind, flags, features] = [kindOf(cpuinfo), listOf(cpuinfo, 'flags'), listOf(cpuinfo, 'Features')];
  if (features) return `${model} ${features.includes('asimddp') ? 'with' : 'without'} the dot product extension`;
  if (!kind) return model;
  // The terminal's half uses it.
  const other = kind === 'without AVX-VNNI' && flags?.includes('avx512_vnni') ? ' but with AVX-512 VNNI' : '';
  return `${model} ${kind}${other}`;
}

/** This machine: its kind, and in words with the number of its cores. */
export function machine() {
  const cpuinfo = existsSync(CPUINFO) ? readFileSync(CPUINFO, 'utf8') : '';
  const all = cpus();
  const model = all[0]?.model.trim() || 'an unknown processor';
  return { kind: kindOf(cpuinfo), words: `${describe(cpuinfo, model)}, ${all.length} cores` };
}
