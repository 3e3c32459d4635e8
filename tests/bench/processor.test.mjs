// The kind of a processor, told from the text that Linux has about it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, kindOf, machine } from './processor.mjs';

/** @param {string} flags */
const x86 = (flags) => `processor\t: 0\nmodel name\t: Some Name\nvmx flags\t: avx_vnni\nflags\t\t: ${flags}\nbugs\t\t: mds\n\n`.repeat(2);
/** @param {string} features */
const arm = (features) => `processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: ${features}\nCPU implementer\t: 0x41\n\n`.repeat(2);

const XEON = 'Intel(R) Xeon(R) Processor';

test('a processor is with AVX-VNNI where its flags have it', () => {
  const cpuinfo = x86('fpu avx2 avx_vnni avx512_vnni');
  assert.equal(kindOf(cpuinfo), 'with AVX-VNNI');
  assert.equal(describe(cpuinfo, XEON), 'Intel(R) Xeon(R) Processor with AVX-VNNI');
  assert.equal(kindOf(x86('fpu avx2 avx_vnni')), 'with AVX-VNNI', 'the last of the line');
});

test('it is without where they do not, whatever else has VNNI in its name', () => {
  assert.equal(describe(x86('fpu avx2'), 'AMD EPYC'), 'AMD EPYC without AVX-VNNI');
  assert.equal(kindOf(x86('fpu avx2 avx512_vnni avx_vnni_int8')), 'without AVX-VNNI');
  assert.equal(describe(x86('fpu avx2 avx512_vnni'), 'AMD EPYC'), 'AMD EPYC without AVX-VNNI but with AVX-512 VNNI');
});

test('ARM has another word for it, and is of neither kind', () => {
  const cpuinfo = arm('fp asimd asimddp sve');
  assert.equal(kindOf(cpuinfo), null);
  assert.equal(describe(cpuinfo, 'Neoverse-N1'), 'Neoverse-N1 with the dot product extension');
  assert.equal(describe(arm('fp asimd'), 'Cortex-A72'), 'Cortex-A72 without the dot product extension');
});

test('where no text says, the model is all', () => {
  for (const cpuinfo of ['', 'processor\t: 0\n']) {
    assert.equal(kindOf(cpuinfo), null);
    assert.equal(describe(cpuinfo, 'Apple M2'), 'Apple M2');
  }
});

test('this machine has a name and cores', () => {
  assert.match(machine().words, /^.+, \d+ cores$/);
});
