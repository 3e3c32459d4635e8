//! The answer to a request.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode, Uri};

use super::content_type::content_type;
use super::place::path_in;
use super::source::{Found, Source};

/// Gives a file to whoever reads it, and only its name to those that have it already.
pub fn answer(source: &Source, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Full<Bytes>> {
    if method != Method::GET && method != Method::HEAD {
        let refusal = text(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD\n");
        return with(refusal, header::ALLOW, "GET, HEAD");
    }
    let found = path_in(uri.path()).and_then(|path| Some((source.find(&path)?, path)));
    let Some((file, path)) = found else {
        return text(StatusCode::NOT_FOUND, "Not found\n");
    };
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| names(known, &file.tag)) {
        return tagged(response(StatusCode::NOT_MODIFIED, Bytes::new()), &file);
    }
    let length = file.length;
    let Some(bytes) = (if method == Method::HEAD { Some(Bytes::new()) } else { file.read() }) else {
        return text(StatusCode::NOT_FOUND, "Not found\n");
    };
    let answer = with(tagged(response(StatusCode::OK, bytes), &file), header::CONTENT_TYPE, content_type(&path));
    if method == Method::HEAD { with(answer, header::CONTENT_LENGTH, &length.to_string()) } else { answer }
}

/// Whether a list of tags has this one in it.
fn names(known: &HeaderValue, tag: &str) -> bool {
    let tags = known.to_str().unwrap_or_default().split(',');
    tags.map(|known| known.trim().trim_start_matches("W/")).any(|known| known == tag)
}

fn text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    with(response(status, Bytes::from_static(text.as_bytes())), header::CONTENT_TYPE, "text/plain; charset=utf-8")
}

fn tagged(response: Response<Full<Bytes>>, file: &Found) -> Response<Full<Bytes>> {
    with(response, header::ETAG, &file.tag)
}

/// Every browser is to ask whether a file has changed, and to take the type that it is told.
fn response(status: StatusCode, bytes: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = status;
    with(with(response, header::CACHE_CONTROL, "no-cache"), header::X_CONTENT_TYPE_OPTIONS, "nosniff")
}

fn with(mut response: Response<Full<Bytes>>, name: HeaderName, value: &str) -> Response<Full<Bytes>> {
    response.headers_mut().insert(name, HeaderValue::from_str(value).expect("tags, types and numbers are plain ASCII"));
    response
}
