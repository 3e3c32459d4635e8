//! A server of static files, for looking at a site: a folder, or a site in memory. It speaks plain HTTP and only reads.

mod answer;
mod content_type;
mod place;
mod source;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mobilenet_core::Error;

pub use source::Source;

/// How long it waits before it takes the next visitor when the system has no room for one.
const PAUSE: Duration = Duration::from_millis(100);
/// The port that is offered when the last one is taken.
const OTHER_PORT: u16 = 8080;

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    source: Arc<Source>,
}

impl Server {
    /// Listens; port 0 takes any free one.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when the port is taken, or [`Error::Io`] with what the system said.
    pub fn listen(source: Source, address: IpAddr, port: u16) -> Result<Self, Error> {
        let wanted = SocketAddr::new(address, port);
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::AddrInUse => {
                let other = port.checked_add(1).unwrap_or(OTHER_PORT);
                Error::BadArgument(format!(
                    "port {port} is taken: stop the other server, or name another port, as in --port {other}"
                ))
            }
            _ => Error::io("listen at", wanted.to_string())(error),
        };
        let listener = TcpListener::bind(wanted).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(Self { listener, address, source: Arc::new(source) })
    }

    /// Where a browser finds it. By `localhost` and not by its number: what a browser keeps, it keeps by this name.
    pub fn url(&self) -> String {
        if self.address.ip().is_loopback() {
            return format!("http://localhost:{}", self.address.port());
        }
        format!("http://{}", self.address)
    }

    /// Answers until the program is ended.
    ///
    /// # Errors
    /// [`Error::Io`] when the system lets it not begin.
    pub fn run(self) -> Result<Infallible, Error> {
        let failed = |error| Error::io("listen at", self.address.to_string())(error);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener).map_err(failed)?;
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&self.source)))),
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        })
    }
}

async fn serve(stream: tokio::net::TcpStream, source: Arc<Source>) {
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let source = Arc::clone(&source);
        // A slow disk makes nobody else wait.
        tokio::task::spawn_blocking(move || answer::answer(&source, request.method(), request.uri(), request.headers()))
    });
    // A browser that leaves in the middle is not an error.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}
