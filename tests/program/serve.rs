//! `mobilenet serve`: right types, nothing outside its folder, what is kept is not sent again, and a way out when the port is taken.

#![cfg(all(feature = "embedded", unix))]

mod fake_page;
mod program;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};

use program::{FURNITURE, Program, assert_fails};

/// The program while it serves.
struct Server {
    process: Child,
    port: u16,
}

/// What it answered.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Server {
    fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut command = program.command(&[&["serve", "--port", "0"], arguments].concat());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("http://localhost:").expect("it says its address").parse().unwrap();
        Self { process, port }
    }

    /// One request as it is written here: a library would tidy up its path.
    fn ask(&self, method: &str, path: &str, header: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer { status: head[9..12].parse().unwrap(), head: head.to_ascii_lowercase(), body: body.into() }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A folder to serve, and a secret beside it.
fn folder() -> Program {
    let program = Program::new();
    program.write("secret.txt", "secret");
    program.write("site/index.html", "<!doctype html>");
    program.write("site/pkg/a.wasm", "wasm");
    program.write("site/a b.js", "script");
    program
}

#[test]
fn files_have_their_types_and_are_to_be_asked_for_again() {
    let program = folder();
    let server = Server::start(&program, &["site"]);
    for (path, status, content_type) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/index.html?x=1", 200, "text/html; charset=utf-8"),
        ("/pkg/a.wasm", 200, "application/wasm"),
        ("/pkg/../index.html", 200, "text/html; charset=utf-8"),
        ("/a%20b.js", 200, "text/javascript; charset=utf-8"),
        ("/pkg", 404, "text/plain; charset=utf-8"),
        ("/missing.js", 404, "text/plain; charset=utf-8"),
        ("/%E0%A4%A", 404, "text/plain; charset=utf-8"),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (status, Some(content_type)), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
    }
    assert_eq!(server.get("/pkg/a.wasm").body, "wasm");
}

#[test]
fn no_path_and_no_link_leads_out_of_the_folder() {
    let program = folder();
    std::os::unix::fs::symlink(program.path("secret.txt"), program.path("site/link.txt")).unwrap();
    std::os::unix::fs::symlink(program.path(""), program.path("site/up")).unwrap();
    std::os::unix::fs::symlink("a b.js", program.path("site/inside.js")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(program.path("site/pipe")).status().unwrap().success());
    let server = Server::start(&program, &["site"]);
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/pkg/..%2f..%2fsecret.txt",
        "/..%2fsite-too/x",
        "//../secret.txt",
        "/secret.txt%00.html",
        "/link.txt",
        "/up/secret.txt",
        "/pipe",
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.body.as_str()), (404, "Not found\n"), "{path}");
    }
    assert_eq!(server.get("/inside.js").body, "script");
}

#[test]
fn what_is_kept_already_is_not_sent_again_until_it_changes() {
    let program = folder();
    program.page("page");
    for (arguments, path) in [(&["site"][..], "/pkg/a.wasm"), (&["--site", "page"], "/index.html")] {
        let server = Server::start(&program, arguments);
        let ask = |tag: &str| server.ask("GET", path, &format!("If-None-Match: {tag}\r\n"));
        let first = ask("\"other\"");
        let tag = first.header("etag").unwrap();
        for known in [tag, &format!("W/{tag}"), &format!("\"other\", {tag}")] {
            let answer = ask(known);
            assert_eq!((answer.status, answer.body.as_str(), answer.header("etag")), (304, "", Some(tag)), "{known}");
        }
        assert_eq!((first.status, ask("nonsense").status), (200, 200));
        program.write("site/pkg/a.wasm", "msaw");
        if arguments == ["site"] {
            let changed = ask(tag);
            assert_eq!((changed.status, changed.body.as_str()), (200, "msaw"));
        }
    }
}

#[test]
fn it_only_reads() {
    let program = folder();
    let server = Server::start(&program, &["site"]);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = server.ask(method, "/", "Content-Length: 0\r\n");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("get, head")), "{method}");
    }
    let (whole, head) = (server.get("/"), server.ask("HEAD", "/", ""));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    for name in ["content-length", "content-type", "etag"] {
        assert!(head.header(name).is_some() && head.header(name) == whole.header(name), "{name}");
    }
}

#[test]
fn a_model_is_served_from_memory_in_the_page() {
    let program = Program::new();
    program.page("page");
    let server = Server::start(&program, &["--site", "page", FURNITURE]);
    let head = server.ask("HEAD", "/model.safetensors", "");
    let length = fs::metadata(FURNITURE).unwrap().len().to_string();
    assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())));
    assert!(server.get("/sw.js").body.contains("'model.safetensors': '"));
    assert!(server.get("/").body.contains("<section id=\"samples\" hidden>"));
    let page = Server::start(&program, &["--site", "page"]);
    assert_eq!((page.get("/model.safetensors").status, page.get("/samples/bed.jpg").status), (404, 200));
}

#[test]
fn it_says_what_to_do_when_it_cannot_serve() {
    let program = folder();
    let server = Server::start(&program, &["site"]);
    let (port, next) = (server.port.to_string(), server.port.checked_add(1).unwrap_or(8080));
    let taken = program.run(&["serve", "site", "--port", &port]);
    assert_fails(&taken, &[&format!("port {port} is taken"), &format!("--port {next}")]);
    assert_fails(&program.run(&["serve", "site/pkg"]), &["site/pkg holds no index.html"]);
    program.page("page");
    assert_fails(&program.run(&["serve", "--site", "page", "missing"]), &["missing", "No such file"]);
    assert_fails(&program.run(&["serve", "--site", "page", "secret.txt"]), &["secret.txt", "no usable model"]);
}

#[test]
fn an_interrupt_ends_it() {
    let program = folder();
    let mut server = Server::start(&program, &["site"]);
    assert!(server.process.try_wait().unwrap().is_none());
    let interrupted =
        std::process::Command::new("kill").args(["-INT", &server.process.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(server.process.wait().unwrap().signal(), Some(2));
}
