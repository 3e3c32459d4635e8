//! Foreign: calls into libraries that panic on some files that make no sense. That is the file's fault, and no reason to fall
//! over.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static UNDER_WAY: Cell<bool> = const { Cell::new(false) };
}

/// What the work gives, or nothing where it panics.
pub fn survived<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = UNDER_WAY.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    UNDER_WAY.set(before);
    result.ok()
}

/// From now on such a panic is not told on standard error: who called hears of it as an error.
#[cfg(not(target_arch = "wasm32"))]
pub fn hush() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !UNDER_WAY.get() {
            tell(panic);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_survived_and_the_next_one_is_told_again() {
        assert_eq!(survived(|| 1), Some(1));
        assert_eq!(survived(|| survived(|| panic!("a file without sense")).map(|()| 1)), Some(None));
        assert_eq!(survived(|| -> u8 { panic!("another") }), None);
        assert!(!UNDER_WAY.get());
    }
}
