// An app that puts the element and its teacher on a page, as bundlers see it.

import 'mobilenet-web/element';
import 'mobilenet-web/teach';
import { report, sofa, styles } from './report.js';

report(async () => {
  const element = document.querySelector('mobilenet-classifier');
  const { predictions } = await element.classify(await sofa());
  return { predictions, sheets: [await styles(element), await styles(element.firstElementChild)] };
});
