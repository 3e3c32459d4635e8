// Packs the packages and installs them as their users do, into target/package-app, where the bundlers build it and pages are served.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP, ROOT } from './pages.mjs';

rmSync(APP, { recursive: true, force: true });
mkdirSync(APP, { recursive: true });
const npm = (/** @type {string[]} */ ...words) => execFileSync('npm', words, { cwd: APP, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
/** @type {{ name: string, filename: string, size: number, files: { path: string }[] }[]} */
const tarballs = ['pkg', 'pkg/onnx'].flatMap((folder) => JSON.parse(npm('pack', join(ROOT, folder), '--json')));
writeFileSync(join(APP, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
npm('install', ...tarballs.map(({ filename }) => `./${filename}`), '--no-fund', '--no-audit', '--offline');
const packed = Object.fromEntries(tarballs.map(({ name, size, files }) => [name, { size, files: files.map(({ path }) => path).sort() }]));
writeFileSync(join(APP, 'packed.json'), JSON.stringify(packed));
for (const sample of ['sofa', 'chair', 'bed']) copyFileSync(join(ROOT, `www/samples/${sample}.jpg`), join(APP, `${sample}.jpg`));
for (const name of ['api.html', 'api.js', 'blank.html', 'element.html', 'element.js', 'report.js']) {
  copyFileSync(join(import.meta.dirname, 'app', name), join(APP, name));
}
for (const { name, size, files } of tarballs) console.log(`${name}: ${files.length} files, ${(size / 1e6).toFixed(2)} MB packed`);
