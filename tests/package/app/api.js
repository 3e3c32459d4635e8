// An app that uses the package's API, as bundlers see it.

import { load } from 'mobilenet-web';
import { report, sofa } from './report.js';

report(async () => {
  const classifier = await load();
  const { predictions } = await classifier.classify(await sofa());
  classifier.dispose();
  return { predictions };
});
