//! The overlay: a picture with its heatmap laid over it, to see at a glance what the network looked at.
//!
//! The heat is a colour as opaque as it is strong, and the picture's own light and shade stay in it, so that neither
//! hides the other. The strongest place has the full colour, however much it says: an overlay tells where, the logit how much.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _};

use mobilenet_core::head::heatmap::Heatmap;
use mobilenet_core::picture::frame::Frame;
use mobilenet_core::picture::resize::{Region, resize};
use mobilenet_kernel::dot::dot;

/// The longer side of an overlay, in pixels: enough to see the heat flow, and little enough to send around.
const SMALLEST: usize = 640;
const LARGEST: usize = 1600;

/// Up to the first strength heat is not shown, which keeps most of a picture clean; from the second on it is most opaque.
const FAINT: f32 = 0.15;
const FULL: f32 = 0.75;
const OPACITY: f32 = 0.65;

/// Matplotlib's inferno at nine even steps: stronger is lighter, in print and for colour-blind eyes as well.
const RAMP: [[f32; 3]; 9] = [
    [0.0, 0.0, 4.0],
    [31.0, 12.0, 72.0],
    [87.0, 16.0, 110.0],
    [138.0, 34.0, 106.0],
    [188.0, 55.0, 84.0],
    [227.0, 89.0, 51.0],
    [249.0, 142.0, 9.0],
    [249.0, 201.0, 50.0],
    [252.0, 255.0, 164.0],
];

/// Draws a PNG.
pub fn overlay(frame: &Frame, heatmap: &Heatmap) -> Vec<u8> {
    let [width, height] = size(frame);
    let rgb = paint(frame, heatmap, [width, height]);
    let mut bytes = Cursor::new(Vec::new());
    PngEncoder::new(&mut bytes)
        .write_image(&rgb, width as u32, height as u32, ExtendedColorType::Rgb8)
        .expect("a PNG in memory cannot fail");
    bytes.into_inner()
}

/// The RGB of an overlay of `width` x `height` pixels.
pub(super) fn paint(frame: &Frame, heatmap: &Heatmap, [width, height]: [usize; 2]) -> Vec<u8> {
    let whole = Region::whole(frame);
    let mut rgb = resize(frame, whole, width, height);
    let heat = upsample(heatmap, whole, width, height);
    let strongest = heat.iter().flatten().copied().fold(f32::MIN_POSITIVE, f32::max);
    for (pixel, heat) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(heat) {
        *pixel = tint(*pixel, heat.map(|heat| heat / strongest));
    }
    rgb
}

/// Width and height of the overlay: the frame's shape, its longer side within the limits.
fn size(frame: &Frame) -> [usize; 2] {
    let longer = frame.width().max(frame.height());
    let target = longer.clamp(SMALLEST, LARGEST);
    [frame.width(), frame.height()].map(|side| (side * target).div_ceil(longer))
}

/// What speaks for the class at each pixel of the overlay; `None` where the network does not look.
fn upsample(heatmap: &Heatmap, whole: Region, width: usize, height: usize) -> Vec<Option<f32>> {
    let Heatmap { side, region, .. } = *heatmap;
    let columns = taps(width, whole.width, region.x, region.width, side);
    let rows = taps(height, whole.height, region.y, region.height, side);
    let lines = rows.iter().map(|row| row.as_ref().map(|row| line(heatmap, row)));
    let pixels = |line: Option<Vec<f32>>| {
        columns.iter().map(move |column| Some(dot(line.as_ref()?, column.as_ref()?))).collect::<Vec<_>>()
    };
    lines.flat_map(pixels).collect()
}

/// One number a column: what speaks for the class in a mixture of the rows.
fn line(heatmap: &Heatmap, shares: &[f32]) -> Vec<f32> {
    let mut line = vec![0.0; heatmap.side];
    for (values, share) in heatmap.values.chunks_exact(heatmap.side).zip(shares) {
        for (sum, value) in line.iter_mut().zip(values) {
            *sum += share * value.max(0.0);
        }
    }
    line
}

/// For each of `pixels` along an axis of the frame, the shares of the positions that divide `covered` from `start` on.
fn taps(pixels: usize, length: usize, start: usize, covered: usize, side: usize) -> Vec<Option<Vec<f32>>> {
    let tap = |pixel: usize| {
        let place = ((pixel as f32 + 0.5) * length as f32 / pixels as f32 - start as f32) / covered as f32;
        let shares: Vec<f32> = (0..side).map(|at| spline(place * side as f32 - 0.5 - at as f32)).collect();
        let total: f32 = shares.iter().sum();
        (0.0..=1.0).contains(&place).then(|| shares.iter().map(|share| share / total).collect())
    };
    (0..pixels).map(tap).collect()
}

/// The cubic B-spline: between positions the heat flows without the edges and stars that straight lines would draw.
fn spline(distance: f32) -> f32 {
    let distance = distance.abs();
    if distance < 1.0 {
        2.0 / 3.0 - distance.powi(2) + distance.powi(3) / 2.0
    } else {
        (2.0 - distance).max(0.0).powi(3) / 6.0
    }
}

/// A pixel under the heat; `None` is what the network does not see.
fn tint(pixel: [u8; 3], strength: Option<f32>) -> [u8; 3] {
    let pixel = pixel.map(f32::from);
    let Some(strength) = strength else { return pixel.map(|channel| (0.25 * channel) as u8) };
    let light = luma(pixel);
    let share = ((strength - FAINT) / (FULL - FAINT)).clamp(0.0, 1.0);
    let opacity = OPACITY * share * share * (3.0 - 2.0 * share);
    let heat = ramp(strength);
    std::array::from_fn(|channel| {
        // Paler and darker than it was, so that no colour of its own is taken for heat.
        let picture = 0.8 * mix(light, pixel[channel], 0.6);
        let glow = heat[channel] * mix(0.65, 1.0, light / 255.0);
        mix(picture, glow, opacity) as u8
    })
}

/// The ramp without its ends, which on a picture would pass for shadows and for lamps.
fn ramp(strength: f32) -> [f32; 3] {
    let place = mix(0.3, 0.92, strength) * (RAMP.len() - 1) as f32;
    let step = (place as usize).min(RAMP.len() - 2);
    std::array::from_fn(|channel| mix(RAMP[step][channel], RAMP[step + 1][channel], place - step as f32))
}

/// How light a colour is (Rec. 601).
fn luma([red, green, blue]: [f32; 3]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

fn mix(from: f32, to: f32, share: f32) -> f32 {
    from + (to - from) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use mobilenet_core::picture::decode::decode;

    /// Grey all over, so that every difference is the heat's.
    fn frame(width: usize, height: usize) -> Frame {
        Frame::from_rgb(width, height, vec![128; width * height * 3]).unwrap()
    }

    fn drawn(frame: &Frame, region: Region, values: [f32; 9]) -> Frame {
        decode(&overlay(frame, &Heatmap { class: 0, side: 3, values: values.to_vec(), region })).unwrap()
    }

    fn pixel(frame: &Frame, x: usize, y: usize) -> [u8; 3] {
        frame.rgb().as_chunks().0[y * frame.width() + x]
    }

    #[test]
    fn heat_lies_on_its_place_alone() {
        let region = Region { x: 0, y: 0, width: 900, height: 600 };
        let overlay = drawn(&frame(900, 600), region, [0.0, 0.0, 7.0, -5.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let [hot, plain] = [pixel(&overlay, 880, 20), tint([128; 3], Some(0.0))];
        assert!(hot[0] > plain[0] + 60 && hot[2] < plain[2], "{hot:?} is no glow");
        for (x, y) in [(20, 20), (20, 300), (20, 580), (450, 580), (880, 580)] {
            assert_eq!(pixel(&overlay, x, y), plain, "at {x}, {y}");
        }
    }

    #[test]
    fn without_evidence_there_is_no_heat_and_beside_the_region_it_is_dark() {
        let overlay = drawn(&frame(900, 600), Region { x: 150, y: 0, width: 600, height: 600 }, [-1.0; 9]);
        assert!(overlay.rgb().chunks_exact(900 * 3).all(|row| {
            let [outside, inside] = [tint([128; 3], None), tint([128; 3], Some(0.0))];
            let expected = [vec![outside; 150], vec![inside; 600], vec![outside; 150]].concat();
            row.as_chunks().0 == expected
        }));
    }

    #[test]
    fn every_shape_has_a_picture_of_sensible_size() {
        for (width, height, expected) in [(1, 1, [640, 640]), (3200, 900, [1600, 450]), (1, 5000, [1, 1600])] {
            let region = Region { x: 0, y: 0, width, height };
            let overlay = drawn(&frame(width, height), region, [1.0; 9]);
            assert_eq!([overlay.width(), overlay.height()], expected, "{width} x {height}");
        }
    }

    #[test]
    fn stronger_is_lighter() {
        let lights: Vec<f32> = (0..=100).map(|at| luma(ramp(at as f32 / 100.0))).collect();
        assert!(lights.windows(2).all(|pair| pair[0] < pair[1]), "{lights:?}");
    }
}
