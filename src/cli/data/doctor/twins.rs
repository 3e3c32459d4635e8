//! Twins: pictures that show the same, gathered into groups at three levels, each of which contains the one before: the
//! same pixels, nearly the same, the same seen in a mirror. Bursts, pictures taken one after the other, contain them
//! all.
//!
//! Measured on 517 photos (every ninth of 4,447 furniture photos and 200 of ImageNet): saved as JPEG of quality 10, at
//! half their sides and quality 30, squashed to 96 x 96 pixels, or mirrored, all come back with hashes at most 5 bits
//! away and a likeness of at least 0.984; brightened by 30 levels, 98 %, and with a quarter more contrast, 91 %. Of the
//! 9.9 million pairs of furniture photos, mirrored or not, the nearest has 0.9713: one bed from two places. Cut by 2 %
//! at every edge 98 %, and by 4 % at the left edge, as in a burst, 89 % stay over 0.94; so do 12 pairs of furniture
//! photos, of which ten show one piece twice. 100,000 fingerprints take about 4 s of processor time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::fingerprint::{Fingerprint, MIRROR};
use super::groups::Groups;
use super::index::Index;

/// Bits in which the hashes of candidates differ at most. At 7 the cut pictures of a burst that are found fall to 87 %
/// and 74 %.
pub const RADIUS: u32 = 11;
/// The same for mirrored pictures, which nobody takes in bursts: none was more than 2 away, and the search is eight
/// times faster.
const MIRRORED_RADIUS: u32 = 7;
/// Correlation of thumbnails from which two candidates are the same picture.
pub const LIKENESS: f64 = 0.975;
/// The same for pictures of a burst: different photos reach it too, which costs no more than that they change sides
/// together.
pub const BURST: f64 = 0.94;
/// A picture whose levels spread no more than this is of one colour: nobody sees two.
pub const FLAT: u8 = 8;

/// How alike the pictures of a group are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every pixel.
    Same,
    /// Scaled, compressed or brightened, perhaps.
    Near,
    /// Mirrored left to right, perhaps.
    Mirrored,
}

impl Level {
    /// From the strictest.
    pub const ALL: [Self; 3] = [Self::Same, Self::Near, Self::Mirrored];
}

/// For each level the group of each picture: the place of the group's first picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twins {
    levels: [Vec<usize>; 3],
    bursts: Vec<usize>,
}

impl Twins {
    /// Compares all of them. What could not be read, and what is of one colour, is near nothing.
    pub fn find(fingerprints: &[Option<&Fingerprint>]) -> Self {
        let mut near = Groups::new(fingerprints.len());
        let distinct = join_same(&mut near, fingerprints);
        let same = near.firsts();
        let index = Index::new(distinct.iter().map(|(_, fingerprint)| fingerprint.hash));
        let mut burst = near.clone();
        for_each_candidate(&distinct, &index, 0, RADIUS, |[place, other], a, b| {
            let likeness = if near.are_joined(place, other) { 1.0 } else { a.likeness(b) };
            near.join_if(likeness >= LIKENESS, place, other);
            burst.join_if(likeness >= BURST, place, other);
        });
        let mut mirrored = near.clone();
        for_each_candidate(&distinct, &index, MIRROR, MIRRORED_RADIUS, |[place, other], a, b| {
            let is_alike = !mirrored.are_joined(place, other) && a.mirrored_likeness(b) >= LIKENESS;
            mirrored.join_if(is_alike, place, other);
            burst.join_if(is_alike, place, other);
        });
        Self { levels: [same, near.firsts(), mirrored.firsts()], bursts: burst.firsts() }
    }

    /// The group of each picture: pictures of one group are joined by a chain of pictures that are alike.
    pub fn groups(&self, level: Level) -> &[usize] {
        &self.levels[level as usize]
    }

    /// The burst of each picture, which holds the whole of its groups.
    pub fn bursts(&self) -> &[usize] {
        &self.bursts
    }

    /// The groups that this level makes or makes larger, each with its pictures in order.
    pub fn new_groups(&self, level: Level) -> Vec<Vec<usize>> {
        let groups = self.groups(level);
        let before = (level as usize).checked_sub(1).map(|before| &self.levels[before]);
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
        groups.iter().enumerate().for_each(|(place, first)| members[*first].push(place));
        // A group grows when it takes in a picture that another picture's group began with.
        let grows =
            |group: &Vec<usize>| group[1..].iter().any(|place| before.is_none_or(|before| before[*place] == *place));
        members.into_iter().filter(|group| group.len() > 1 && grows(group)).collect()
    }
}

/// Joins pictures of the same pixels, and returns the first of each that shows something.
fn join_same<'a>(groups: &mut Groups, fingerprints: &[Option<&'a Fingerprint>]) -> Vec<(usize, &'a Fingerprint)> {
    let mut first: HashMap<&Fingerprint, usize> = HashMap::new();
    let mut distinct = Vec::new();
    for (place, fingerprint) in fingerprints.iter().enumerate() {
        let Some(fingerprint) = fingerprint else { continue };
        match first.entry(fingerprint) {
            Entry::Occupied(entry) => groups.join(*entry.get(), place),
            Entry::Vacant(entry) => {
                entry.insert(place);
                if fingerprint.spread > FLAT {
                    distinct.push((place, *fingerprint));
                }
            }
        }
    }
    distinct
}

/// Calls `judge` with the places and fingerprints of every pair whose hashes, one of them with the bits of `turned`
/// turned over, differ in no more than `radius` bits.
fn for_each_candidate(
    pictures: &[(usize, &Fingerprint)],
    index: &Index,
    turned: u64,
    radius: u32,
    mut judge: impl FnMut([usize; 2], &Fingerprint, &Fingerprint),
) {
    for (at, (place, fingerprint)) in pictures.iter().enumerate() {
        index.within(fingerprint.hash ^ turned, radius, |found| {
            let (other_place, other) = pictures[found];
            if found < at {
                judge([*place, other_place], fingerprint, other);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mobilenet_core::picture::frame::Frame;

    fn stripes(edges: &[usize], bright: u8) -> Fingerprint {
        let value = |x: usize| if edges.iter().filter(|edge| **edge <= x).count() % 2 == 0 { bright } else { 20 };
        let row: Vec<u8> = (0..96).flat_map(|x| [value(x); 3]).collect();
        Fingerprint::of(&Frame::from_rgb(96, 4, row.repeat(4)).unwrap())
    }

    #[test]
    fn groups_grow_from_level_to_level() {
        let original = stripes(&[10, 40, 55, 60], 200);
        let mirrored = stripes(&[36, 41, 56, 86], 200);
        let other = stripes(&[5, 15, 70, 90], 200);
        let flat = stripes(&[], 200);
        let darker = stripes(&[10, 40, 55, 60], 150);
        let pictures = [&flat, &original, &other, &darker, &mirrored, &original, &flat].map(Some);
        let twins = Twins::find(&[pictures.as_slice(), &[None, None]].concat());
        assert_eq!(twins.groups(Level::Same), [0, 1, 2, 3, 4, 1, 0, 7, 8]);
        assert_eq!(twins.groups(Level::Near), [0, 1, 2, 1, 4, 1, 0, 7, 8]);
        assert_eq!(twins.groups(Level::Mirrored), [0, 1, 2, 1, 1, 1, 0, 7, 8]);
        assert_eq!(twins.new_groups(Level::Same), [vec![0, 6], vec![1, 5]]);
        assert_eq!(twins.new_groups(Level::Near), [[1, 3, 5]]);
        assert_eq!(twins.new_groups(Level::Mirrored), [[1, 3, 4, 5]]);
    }

    #[test]
    fn a_frame_shifted_a_little_is_of_the_same_burst() {
        let frames =
            [stripes(&[30, 60], 200), stripes(&[31, 61], 200), stripes(&[32, 62], 200), stripes(&[50, 80], 200)];
        let twins = Twins::find(&frames.each_ref().map(Some));
        assert_eq!(twins.bursts(), [0, 0, 0, 3]);
    }
}
