// What every app here does: it imports both packages whole at its top, and asks API, element and an ONNX file for a sofa.

import { load } from 'mobilenet-web';
import 'mobilenet-web/element';
import 'mobilenet-web/teach';
import 'mobilenet-web-onnx';
import { report, sofa, styles } from './report.js';

export function ask() {
  return report(async () => {
    const [element, recipe] = document.querySelectorAll('mobilenet-classifier');
    const file = await sofa();
    const classifier = await load();
    const { predictions } = await classifier.classify(file);
    const network = await load('net.onnx', { onnx: { labels: 'uno\ndos\ntres\ncuatro\ncinco' } });
    const named = (await network.classify(file)).predictions[0].label;
    network.dispose();
    classifier.dispose();
    const shown = await element.classify(file);
    const sheets = [await styles(element), await styles(element.firstElementChild)];
    // A bundler may also leave a style sheet empty.
    const rules = [...element.shadowRoot.querySelectorAll('link')].map(({ sheet }) => sheet.cssRules.length > 0);
    await recipe?.classify(file);
    // What appears only in the browser is there by now.
    for (const other of [...document.querySelectorAll('mobilenet-classifier')].slice(2)) await other.classify(file);
    await new Promise((next) => setTimeout(next, 100));
    const said = [...document.querySelectorAll('output')].map(({ textContent }) => textContent);
    return { predictions, named, said, shown: shown.predictions, sheets, styled: rules.every(Boolean) };
  });
}
