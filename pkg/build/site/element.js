// `element/define.js` of a site, which other pages load: where the reader of ONNX files is, the site knows.

import { setOnnxConverter } from '../../engine/page/converter.js';

export * from '../../element/define.js';

setOnnxConverter(new URL('../../wasm/mobilenet_onnx_bg.wasm', import.meta.url));
