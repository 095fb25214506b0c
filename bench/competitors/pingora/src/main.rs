// The best other rewriter: Cloudflare's pingora, and a splice with serde_json's RawValue: the body is checked in full, the client's query stays as
// it is written.
//
//   peer PORT UPSTREAM_PORT
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use pingora::http::RequestHeader;
use pingora::prelude::*;
use pingora::server::configuration::{Opt, ServerConf};
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::time::Duration;

const BEFORE: &[u8] = br#"{"bool":{"filter":[{"term":{"team":{"value":"payments"}}}],"must":["#;
const AFTER: &[u8] = b"]}}";

struct Search<'a>(Vec<(&'a RawValue, &'a str)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Search<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Search<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a search")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Search<'de>, A::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some(key) = map.next_key::<&'de str>()? {
                    members.push((map.next_value::<&'de RawValue>()?, key));
                }
                Ok(Search(members))
            }
        }
        from.deserialize_map(Members)
    }
}

fn wrap(text: &[u8], out: &mut BytesMut) -> bool {
    let Ok(search) = serde_json::from_slice::<Search>(text) else { return false };
    let Some((query, _)) = search.0.iter().find(|(_, key)| *key == "query") else { return false };
    let begin = query.get().as_ptr() as usize - text.as_ptr() as usize;
    let end = begin + query.get().len();
    for piece in [&text[..begin], BEFORE, &text[begin..end], AFTER, &text[end..]] {
        out.extend_from_slice(piece);
    }
    true
}

fn wrap_lines(text: &[u8], out: &mut BytesMut) -> bool {
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number % 2 == 0 {
            out.extend_from_slice(line);
        } else if !wrap(&line[..line.len() - 1], out) {
            return false;
        } else {
            out.extend_from_slice(b"\n");
        }
    }
    true
}

struct Peer {
    upstream: String,
}

#[derive(Default)]
struct Context {
    text: BytesMut,
}

// pingora sends the head before the body is known, so the body goes out chunked, in one piece at its end.
#[async_trait]
impl ProxyHttp for Peer {
    type CTX = Context;

    fn new_ctx(&self) -> Context {
        Context::default()
    }

    async fn upstream_peer(&self, _: &mut Session, _: &mut Context) -> Result<Box<HttpPeer>> {
        let mut peer = Box::new(HttpPeer::new(&self.upstream, false, String::new()));
        peer.options.idle_timeout = Some(Duration::from_secs(60));
        Ok(peer)
    }

    async fn upstream_request_filter(&self, _: &mut Session, head: &mut RequestHeader, _: &mut Context) -> Result<()> {
        head.remove_header("content-length");
        head.insert_header("transfer-encoding", "chunked")
    }

    async fn request_body_filter(&self, session: &mut Session, body: &mut Option<Bytes>, end: bool, context: &mut Context) -> Result<()> {
        if let Some(piece) = body.take() {
            context.text.extend_from_slice(&piece);
        }
        *body = Some(Bytes::new());
        if !end {
            return Ok(());
        }
        let mut out = BytesMut::with_capacity(context.text.len() + 4096);
        let lines = session.req_header().uri.path().contains("_msearch");
        if !(if lines { wrap_lines(&context.text, &mut out) } else { wrap(&context.text, &mut out) }) {
            return Error::e_explain(HTTPStatus(400), "not a search");
        }
        *body = Some(out.freeze());
        Ok(())
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let conf = ServerConf { threads: 1, upstream_keepalive_pool_size: 1024, ..ServerConf::default() };
    let mut server = Server::new_with_opt_and_conf(None::<Opt>, conf);
    server.bootstrap();
    let mut service = http_proxy_service(&server.configuration, Peer { upstream: format!("127.0.0.1:{}", words[2]) });
    service.add_tcp(&format!("127.0.0.1:{}", words[1]));
    server.add_service(service);
    server.run_forever();
}
