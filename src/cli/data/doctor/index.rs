//! The index: hashes within a distance of a hash, without looking at all of them.
//!
//! Multi-index hashing (Norouzi, Punjani, Fleet 2012): when two hashes of 64 bits differ in at most r bits, then in at
//! least one of their four bands of 16 bits they differ in at most r / 4. So each band is a table of 65,536 buckets,
//! and a search looks into the buckets of all nearby values of each band.

/// Hashes that can be searched.
pub struct Index {
    hashes: Vec<u64>,
    bands: [Band; BANDS],
}

const BANDS: usize = 4;
const VALUES: usize = 1 << 16;

impl Index {
    /// Sorts the hashes into buckets.
    ///
    /// # Panics
    /// When there are 2^32 hashes or more.
    pub fn new(hashes: impl Iterator<Item = u64>) -> Self {
        let hashes: Vec<u64> = hashes.map(deal).collect();
        Self { bands: std::array::from_fn(|band| Band::new(&hashes, band)), hashes }
    }

    /// Calls `found` with the place of every hash that differs from `hash` in at most `radius` bits, each once, in an
    /// order that depends on the hashes alone.
    pub fn within(&self, hash: u64, radius: u32, mut found: impl FnMut(usize)) {
        let (hash, flips) = (deal(hash), radius / BANDS as u32);
        for (number, band) in self.bands.iter().enumerate() {
            for_each_near(value(hash, number), flips, |near| {
                for place in band.bucket(near) {
                    let other = self.hashes[*place as usize];
                    // One that an earlier band has found already is passed over.
                    let is_first = || (0..number).all(|band| value(hash ^ other, band).count_ones() > flips);
                    if (hash ^ other).count_ones() <= radius && is_first() {
                        found(*place as usize);
                    }
                }
            });
        }
    }
}

/// Deals the bits out to the bands in turn. Neighbouring frequencies have the same sign in many pictures, and a band of
/// the lowest alone would have a few very full buckets.
fn deal(hash: u64) -> u64 {
    (0..64).fold(0, |dealt, bit| dealt | (hash >> bit & 1) << (bit % BANDS * 16 + bit / BANDS))
}

/// Places of hashes, sorted by 16 of their bits.
struct Band {
    /// Where in `places` the bucket of each value starts, and the end of the last one.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Band {
    fn new(hashes: &[u64], band: usize) -> Self {
        let mut starts = vec![0; VALUES + 1];
        hashes.iter().for_each(|hash| starts[usize::from(value(*hash, band)) + 1] += 1);
        (0..VALUES).for_each(|at| starts[at + 1] += starts[at]);
        let mut places: Vec<u32> = (0..u32::try_from(hashes.len()).expect("fewer than 2^32 hashes")).collect();
        places.sort_by_key(|place| value(hashes[*place as usize], band));
        Self { starts, places }
    }

    fn bucket(&self, value: u16) -> &[u32] {
        let value = usize::from(value);
        &self.places[self.starts[value] as usize..self.starts[value + 1] as usize]
    }
}

fn value(hash: u64, band: usize) -> u16 {
    (hash >> (16 * band)) as u16
}

/// Every value that differs from this one in at most `flips` bits.
fn for_each_near(value: u16, flips: u32, mut visit: impl FnMut(u16)) {
    fn turn(value: u16, from: u32, flips: u32, visit: &mut impl FnMut(u16)) {
        visit(value);
        if flips > 0 {
            (from..16).for_each(|bit| turn(value ^ 1 << bit, bit + 1, flips - 1, visit));
        }
    }
    turn(value, 0, flips, &mut visit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use mobilenet_core::base::rng::Rng;

    /// Clusters of hashes a few bits apart, so that every distance up to 16 occurs.
    fn hashes(count: usize) -> Vec<u64> {
        let mut rng = Rng::new(5);
        let mut hashes: Vec<u64> = Vec::new();
        for at in 0..count {
            let mut hash = if at % 20 == 0 { rng.next_u64() } else { hashes[at - 1 - rng.below(at % 20)] };
            (0..rng.below(7)).for_each(|_| hash ^= 1 << rng.below(64));
            hashes.push(hash);
        }
        hashes
    }

    #[test]
    fn it_finds_what_comparing_all_pairs_finds() {
        let hashes = hashes(1_000);
        let index = Index::new(hashes.iter().copied());
        for radius in [0, 1, 3, 4, 7, 10, 16] {
            let mut pairs = 0;
            for hash in &hashes {
                let mut found = Vec::new();
                index.within(*hash, radius, |place| found.push(place));
                found.sort_unstable();
                let near = |place: &usize| (hash ^ hashes[*place]).count_ones() <= radius;
                assert_eq!(found, (0..hashes.len()).filter(near).collect::<Vec<_>>(), "radius {radius}");
                pairs += found.len();
            }
            assert!(pairs >= hashes.len(), "each finds itself");
        }
    }

    #[test]
    fn an_empty_index_finds_nothing() {
        Index::new(std::iter::empty()).within(3, 16, |_| panic!("there is nothing to find"));
    }
}
