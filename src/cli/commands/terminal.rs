//! What the terminal shows. Labels and file names in it are whatever somebody named a folder, and a terminal obeys what it
//! is sent: so nothing is sent that is not seen.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use mobilenet_core::Error;
use mobilenet_core::base::display_text::{escape_json, escape_lines};

/// Whether the reader of standard output, such as `head`, has had enough.
static UNREAD: AtomicBool = AtomicBool::new(false);

/// Prints lines to standard output. That nobody reads them any more is no error: what else there is to do is done.
pub fn print(text: &str) -> Result<(), Error> {
    write(&escape_lines(text))
}

/// Prints lines of JSON, likewise.
pub fn print_json(text: &str) -> Result<(), Error> {
    // All line feeds are between values: in a string they are written out.
    write(&text.split('\n').map(escape_json).collect::<Vec<_>>().join("\n"))
}

/// Whether printing more is in vain.
pub fn is_unread() -> bool {
    UNREAD.load(Relaxed)
}

/// Says something to the person, on standard error. That it cannot be said is no reason to stop.
pub fn say(what: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{}", escape_lines(&what.to_string()));
}

fn write(text: &str) -> Result<(), Error> {
    if is_unread() {
        return Ok(());
    }
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            UNREAD.store(true, Relaxed);
            Ok(())
        }
        result => result.map_err(Error::io("write to", "standard output")),
    }
}
