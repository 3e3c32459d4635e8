//! Plots of loss and accuracy by epoch, as SVG: sharp at every size, and drawn without a font library.

use plotters::prelude::*;

use mobilenet_core::error::Error;
use mobilenet_core::fit::Epoch;

const SIZE: (u32, u32) = (720, 440);
/// Of labels: still legible on a telephone, where a plot is half as large.
const FONT: (&str, u32) = ("sans-serif", 22);
const TRAINING: RGBColor = RGBColor(0x1f, 0x6f, 0xb4);
const VALIDATION: RGBColor = RGBColor(0xd0, 0x5a, 0x1c);

/// Loss by epoch.
///
/// # Errors
/// [`Error::BadArgument`] when there is nothing to draw.
pub fn loss(history: &[Epoch]) -> Result<String, Error> {
    let highest = history.iter().map(|row| row.loss.max(row.validation_loss)).fold(0.0, f32::max);
    draw("Loss", history, 0.0..highest * 1.05 + f32::EPSILON, |row| (row.loss, row.validation_loss))
}

/// Accuracy by epoch.
///
/// # Errors
/// [`Error::BadArgument`] when there is nothing to draw.
pub fn accuracy(history: &[Epoch]) -> Result<String, Error> {
    let lowest = history.iter().map(|row| row.accuracy.min(row.validation_accuracy)).fold(1.0, f32::min);
    draw("Accuracy", history, (lowest - 0.05).max(0.0)..1.0, |row| (row.accuracy, row.validation_accuracy))
}

fn draw(
    title: &str,
    history: &[Epoch],
    range: std::ops::Range<f32>,
    pair: impl Fn(&Epoch) -> (f32, f32),
) -> Result<String, Error> {
    if history.is_empty() {
        return Err(Error::BadArgument("a plot needs at least one epoch".into()));
    }
    let mut svg = String::new();
    let series = [("training", TRAINING, 0), ("validation", VALIDATION, 1)].map(|(name, color, which)| {
        let value = |row| if which == 0 { pair(row).0 } else { pair(row).1 };
        (name, color, history.iter().map(|row| (row.epoch as f32, value(row))).collect::<Vec<_>>())
    });
    chart(&mut svg, title, history.len(), range, series)
        .map_err(|error| Error::BadArgument(format!("no plot: {error}")))?;
    Ok(svg)
}

type Series = (&'static str, RGBColor, Vec<(f32, f32)>);

fn chart(
    svg: &mut String,
    title: &str,
    epochs: usize,
    range: std::ops::Range<f32>,
    series: [Series; 2],
) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 28))
        .margin(16)
        .x_label_area_size(60)
        .y_label_area_size(64)
        .build_cartesian_2d(1.0f32..epochs.max(2) as f32, range)?;
    let whole = |epoch: &f32| format!("{epoch:.0}");
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .max_light_lines(1)
        .label_style(FONT)
        .x_desc("epoch")
        .x_labels(epochs.min(8))
        .y_labels(6)
        .x_label_formatter(&whole)
        .draw()?;
    for (name, color, points) in series {
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .label_font(FONT)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    area.present()?;
    Ok(())
}
