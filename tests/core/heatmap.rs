//! The heatmap accounts for the logit and for nothing else, and lies where the subject is.

#![cfg(feature = "embedded")]

use std::ops::Range;

use mobilenet_core::picture::decode::decode;
use mobilenet_core::{Classifier, Frame, Heatmap};

/// Each shows what its name says.
const SAMPLES: [(&str, &[u8]); 5] = [
    ("bed", include_bytes!("../../www/samples/bed.jpg")),
    ("chair", include_bytes!("../../www/samples/chair.jpg")),
    ("sofa", include_bytes!("../../www/samples/sofa.jpg")),
    ("swivelchair", include_bytes!("../../www/samples/swivelchair.jpg")),
    ("table", include_bytes!("../../www/samples/table.jpg")),
];

/// What map and logit may differ by. Each is a sum of 1280 products: at most 163 roundings on the way of each term (160 in its
/// lane, 3 to join the lanes) and a few for scale, mean and bias. A rounding moves a sum by at most half an epsilon of the sum of
/// its terms' sizes (Higham 2002, section 3.1). That is 0.0003 for the bed; measured is less than a millionth.
fn tolerance(weight: &[f32], embedding: &[f32], bias: f32) -> f64 {
    let sizes: f64 = weight.iter().zip(embedding).map(|(w, e)| f64::from(w.abs()) * f64::from(*e)).sum();
    2.0 * 170.0 * f64::from(f32::EPSILON / 2.0) * (sizes + f64::from(bias.abs()))
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64
}

#[test]
fn the_mean_and_the_bias_are_the_logit() {
    let mut classifier = Classifier::embedded().unwrap();
    let features = classifier.head().features().clone();
    for (name, file) in SAMPLES {
        let frame = decode(file).unwrap();
        let embedding = classifier.embedder().embed(&frame);
        let head = classifier.head().clone();
        let logits = head.logits(&embedding);
        for (class, logit) in logits.iter().enumerate() {
            let map = classifier.heatmap(&frame, class).unwrap();
            assert_eq!((map.class, map.side, map.values.len()), (class, 7, 49));
            let weight = &head.weight()[class * features.count()..][..features.count()];
            let embedding = features.of(&embedding);
            let most = tolerance(weight, &embedding, head.bias()[class]);
            let error = |values: &[f32], bias: f32| (mean(values) + f64::from(bias) - f64::from(*logit)).abs();
            let bias = head.unplaced_bias(class);
            let exact = error(&map.values, bias);
            assert!(exact <= most, "{name}, class {class}: {exact} is more than {most}");
            // Planted faults: a position left out, another class's weights, no bias, the largest feature left out.
            let mut without = map.values.clone();
            without[24] = 0.0;
            let another = classifier.heatmap(&frame, (class + 1) % 5).unwrap().values;
            let largest =
                weight.iter().zip(embedding.iter()).map(|(w, e)| f64::from((w * e).abs())).fold(0.0, f64::max);
            let faults = [
                error(&without, bias),
                error(&another, bias),
                error(&map.values, bias + head.bias()[class]),
                largest - exact,
            ];
            assert!(faults.iter().all(|fault| *fault > most), "{name}, class {class}: {faults:?} within {most}");
        }
    }
    let frame = decode(SAMPLES[0].1).unwrap();
    assert_eq!(classifier.heatmap(&frame, 5).unwrap_err().code(), "bad-argument");
}

/// A sample on a grey canvas twice as wide or as high, in the half that `second` says.
fn half(sample: &Frame, across: bool, second: bool) -> Frame {
    let (width, height) = (sample.width(), sample.height());
    let scale = |doubled: bool| if doubled { 2 } else { 1 };
    let (wide, high) = (width * scale(across), height * scale(!across));
    let (x, y) = (if across && second { width } else { 0 }, if !across && second { height } else { 0 });
    let mut rgb = vec![127; wide * high * 3];
    for (row, pixels) in sample.rgb().chunks_exact(width * 3).enumerate() {
        rgb[((y + row) * wide + x) * 3..][..pixels.len()].copy_from_slice(pixels);
    }
    Frame::from_rgb(wide, high, rgb).unwrap()
}

#[test]
fn the_evidence_is_where_the_subject_is() {
    let mut classifier = Classifier::embedded().unwrap();
    for (name, file) in SAMPLES {
        let sample = decode(file).unwrap();
        let class = classifier.head().labels().iter().position(|label| label == name).unwrap();
        let (mut here, mut there) = (0.0, 0.0);
        for (across, second) in [(true, false), (true, true), (false, false), (false, true)] {
            let map = classifier.heatmap(&half(&sample, across, second), class).unwrap();
            // Of seven positions the fourth is on the border.
            let halves = [evidence(&map, across, 0..3), evidence(&map, across, 4..7)];
            here += halves[usize::from(second)];
            there += halves[usize::from(!second)];
        }
        println!("{name}: {:.2}", here / there);
        // Measured: for the chair 1.7 times as much, since plain grey looks like what chairs are photographed on; for the others 11 times
        // and more. A map that was turned or mirrored would have as little of it.
        assert!(here > 1.5 * there, "{name}: {here} here and {there} there");
    }
}

/// What speaks for the class in some columns of a map, or rows.
fn evidence(map: &Heatmap, across: bool, places: Range<usize>) -> f32 {
    let place = |at: usize| if across { at % map.side } else { at / map.side };
    let there = map.values.iter().enumerate().filter(|(at, _)| places.contains(&place(*at)));
    there.map(|(_, value)| value.max(0.0)).sum()
}
