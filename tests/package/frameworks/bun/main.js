// The elements are imported as well, which does nothing here.

import { load } from 'mobilenet-web';
import 'mobilenet-web/element';
import 'mobilenet-web/teach';

const classifier = await load();
const { predictions } = await classifier.classify('../../package-app/sofa.jpg');
console.log(JSON.stringify(predictions));
