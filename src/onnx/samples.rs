//! Pictures to calibrate on where nobody brings any: the page's rendered samples, and views of them.
//!
//! They travel with the converter. Of each picture the views with even numbers calibrate and the others measure, so
//! that what is said of closeness comes from views that calibration has not seen.

use mobilenet_core::error::Error;
use mobilenet_core::picture::decode::decode;
use mobilenet_core::picture::input::InputSpec;
use mobilenet_core::picture::resize::Resizer;
use mobilenet_core::picture::view::View;

const SAMPLES: [&[u8]; 5] = [
    include_bytes!("../../www/samples/bed.jpg"),
    include_bytes!("../../www/samples/chair.jpg"),
    include_bytes!("../../www/samples/sofa.jpg"),
    include_bytes!("../../www/samples/swivelchair.jpg"),
    include_bytes!("../../www/samples/table.jpg"),
];

/// Inputs of a network.
pub(super) struct Inputs {
    pub calibrate: Vec<Vec<u8>>,
    pub measure: Vec<Vec<u8>>,
}

impl Inputs {
    pub fn draw(spec: &InputSpec) -> Result<Self, Error> {
        let (mut calibrate, mut measure) = (Vec::new(), Vec::new());
        let mut resizer = Resizer::default();
        for sample in SAMPLES {
            let frame = decode(sample)?;
            for (at, view) in views().enumerate() {
                let mut input = vec![0; spec.input_len()];
                view.draw((&frame).into(), spec, &mut resizer, &mut input);
                if at % 2 == 0 { calibrate.push(input) } else { measure.push(input) }
            }
        }
        Ok(Self { calibrate, measure })
    }
}

fn views() -> impl Iterator<Item = View> {
    let parts = [[0, 0, 1024, 1024], [0, 0, 640, 640], [384, 0, 640, 640], [0, 384, 640, 640], [384, 384, 640, 640]];
    let lights = [(256, 256, 256), (320, 320, 352)];
    parts.into_iter().flat_map(move |part| {
        lights.into_iter().enumerate().map(move |(at, (brightness, contrast, saturation))| View {
            part,
            flip: at == 1,
            turn: 0,
            brightness,
            contrast,
            saturation,
        })
    })
}
