// What every app here does: it imports the whole package at its top, and asks API and element for a sofa.

import { load } from 'mobilenet-web';
import 'mobilenet-web/element';
import 'mobilenet-web/teach';
import { report, sofa, styles } from './report.js';

export function ask() {
  return report(async () => {
    const [element, recipe] = document.querySelectorAll('mobilenet-classifier');
    const file = await sofa();
    const classifier = await load();
    const { predictions } = await classifier.classify(file);
    classifier.dispose();
    const shown = await element.classify(file);
    const sheets = [await styles(element), await styles(element.firstElementChild)];
    // A bundler may also leave a style sheet empty.
    const rules = [...element.shadowRoot.querySelectorAll('link')].map(({ sheet }) => sheet.cssRules.length > 0);
    await recipe?.classify(file);
    await new Promise((next) => setTimeout(next, 100));
    const said = document.querySelector('output')?.textContent;
    return { predictions, said, shown: shown.predictions, sheets, styled: rules.every(Boolean) };
  });
}
