//! Pool: the sum of each channel over all positions, exact in 32 bit.

use super::lanes::Lanes;

/// Adds up `input`, `[positions][sums.len()]`, by channel.
///
/// # Panics
/// When there are fewer channels than [`Lanes::WIDTH`].
#[inline(never)]
pub fn sum_positions<L: Lanes>(lanes: L, input: &[u8], sums: &mut [i32]) {
    lanes.run(
        #[inline(always)]
        || {
            let (channels, last) = (sums.len(), sums.len() - L::WIDTH);
            for start in (0..channels).step_by(L::WIDTH).map(|start| start.min(last)) {
                let panel = sum_panel(lanes, input, channels, start);
                lanes.store_words(panel, &mut sums[start..]);
            }
        },
    );
}

/// Positions are taken two at a time, because the product adds pairs.
#[inline(always)]
fn sum_panel<L: Lanes>(lanes: L, input: &[u8], channels: usize, start: usize) -> [L::I32; 2] {
    let (ones, zeros) = (lanes.splat(0x0001_0001), lanes.splat(0));
    let mut sums = [lanes.splat_i32(0); 2];
    for pair in input.chunks(2 * channels) {
        let (first, second) = pair.split_at(channels);
        let second = if second.is_empty() { zeros } else { lanes.widen(&second[start..]) };
        let both = lanes.zip(lanes.widen(&first[start..]), second);
        sums[0] = lanes.add(sums[0], lanes.dot(both[0], ones));
        sums[1] = lanes.add(sums[1], lanes.dot(both[1], ones));
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain;
    use crate::tests::{ForEachLanes, Grown, for_each_lanes, shapes};

    struct EveryShape;

    impl ForEachLanes for EveryShape {
        fn with<L: Lanes>(&self, lanes: L) {
            let mut grown = Grown::new();
            let all = (16..=49).flat_map(|channels| (1..=9).map(move |positions| (channels, positions)));
            for (channels, positions) in shapes(all) {
                let input = grown.bytes(positions * channels);
                let mut sums = vec![-1; channels];
                sum_positions(lanes, &input, &mut sums);
                assert_eq!(sums, plain::pool(&input, channels), "{positions} x {channels}");
            }
        }
    }

    #[test]
    fn every_shape_equals_the_plain_loops() {
        for_each_lanes(&EveryShape);
    }
}
