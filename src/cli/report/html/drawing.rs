//! Drawings of the report: axes and curves as SVG that takes its colours from the page, light or dark.

use crate::report::escape::escape;

const SIDE: f64 = 320.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 44.0;
/// More points than pixels are not seen.
const POINTS: usize = 400;

/// A drawing of shares, 0 to 1 upwards, over `from` to `to`.
pub struct Drawing {
    from: f64,
    to: f64,
    svg: String,
}

impl Drawing {
    /// Axes with their names; `about` is what is read out.
    pub fn new(about: &str, [from, to]: [f64; 2], x_name: &str, y_name: &str) -> Self {
        let mut drawing = Self {
            from,
            to,
            svg: format!(
                "<svg class=\"drawing\" viewBox=\"0 0 {SIDE} {SIDE}\" role=\"img\" aria-label=\"{}\">\n",
                escape(about)
            ),
        };
        for step in 0..=4 {
            let share = f64::from(step) / 4.0;
            let number = from + share * (to - from);
            let ([x, _], [_, y]) = (drawing.place([number, 0.0]), drawing.place([from, share]));
            let (end, base) = (SIDE - RIGHT, SIDE - BOTTOM);
            drawing.svg.push_str(&format!(
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{end}M{x:.1} {TOP}V{base}\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} %</text>\n",
                base + 16.0,
                if to == 1.0 && from == 0.0 { format!("{:.0} %", 100.0 * number) } else { format!("{number:.2}") },
                LEFT - 6.0,
                y + 4.0,
                100.0 * share
            ));
        }
        let (middle, low) = ((LEFT + SIDE - RIGHT) / 2.0, SIDE - 8.0);
        drawing.svg.push_str(&format!(
            "<text class=\"axis\" x=\"{middle}\" y=\"{low}\" text-anchor=\"middle\">{}</text>\
             <text class=\"axis\" x=\"{:.0}\" y=\"{:.0}\">{}</text>\n",
            escape(x_name),
            8.0,
            TOP - 16.0,
            escape(y_name)
        ));
        drawing
    }

    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let along = ((x - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        [LEFT + along * (SIDE - LEFT - RIGHT), SIDE - BOTTOM - y.clamp(0.0, 1.0) * (SIDE - TOP - BOTTOM)]
    }

    /// Straight lines through points.
    pub fn line(mut self, class: &str, points: &[[f64; 2]]) -> Self {
        let step = points.len().div_ceil(POINTS).max(1);
        let kept = points.iter().enumerate().filter(|(at, _)| at % step == 0 || at + 1 == points.len());
        let places: Vec<String> =
            kept.map(|(_, point)| self.place(*point)).map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
        self.svg.push_str(&format!("<polyline class=\"{class}\" points=\"{}\"/>\n", places.join(" ")));
        self
    }

    /// A dot.
    pub fn dot(mut self, point: [f64; 2], radius: f64) -> Self {
        let [x, y] = self.place(point);
        self.svg.push_str(&format!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>\n"));
        self
    }

    /// The whole SVG element.
    pub fn finish(self) -> String {
        self.svg + "</svg>\n"
    }
}
