//! Foreign: calls into libraries that panic on some files that make no sense. That is the file's fault, and no reason to fall
//! over.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static UNDER_WAY: Cell<bool> = const { Cell::new(false) };
}

/// The result of `work`, or `None` when it panics.
///
/// ```
/// use mobilenet_core::base::panic_guard::survived;
/// assert_eq!(survived(|| 7), Some(7));
/// assert_eq!(survived(|| -> u8 { panic!("this file makes no sense") }), None);
/// ```
pub fn survived<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = UNDER_WAY.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    UNDER_WAY.set(before);
    result.ok()
}

/// From now on a panic inside [`survived`] is not printed on standard error; the caller gets it as `None`. Other panics are printed
/// as before. Call it once, when the program starts.
///
/// ```
/// use mobilenet_core::base::panic_guard::{hush, survived};
/// hush();
/// assert_eq!(survived(|| -> u8 { panic!("not printed") }), None);
/// ```
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
