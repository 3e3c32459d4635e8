// Packs the package and installs it as its users do, into target/package-app, where the bundlers build it and pages are served.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP, ROOT } from './pages.mjs';

rmSync(APP, { recursive: true, force: true });
mkdirSync(APP, { recursive: true });
const npm = (/** @type {string[]} */ ...words) => execFileSync('npm', words, { cwd: APP, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const [{ filename, files }] = JSON.parse(npm('pack', join(ROOT, 'pkg'), '--json'));
writeFileSync(join(APP, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
npm('install', `./${filename}`, '--no-fund', '--no-audit', '--offline');
writeFileSync(join(APP, 'packed.json'), JSON.stringify(files.map((/** @type {{ path: string }} */ { path }) => path).sort()));
for (const sample of ['sofa', 'chair', 'bed']) copyFileSync(join(ROOT, `www/samples/${sample}.jpg`), join(APP, `${sample}.jpg`));
for (const name of ['api.html', 'api.js', 'blank.html', 'element.html', 'element.js', 'report.js']) {
  copyFileSync(join(import.meta.dirname, 'app', name), join(APP, name));
}
console.log(readFileSync(join(APP, 'packed.json'), 'utf8').split(',').length, 'files are in the package');
