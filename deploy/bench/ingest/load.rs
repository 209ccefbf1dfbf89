//! A server process under load over HTTP; its CPU time is read when all is in Parquet.

use crate::Stage;
use crate::requests::Set;
use lincei_bench::Server;
use std::time::Duration;

const CONNECTIONS: usize = 4;
/// How often the whole set is sent.
const ROUNDS: usize = 4;

pub(crate) fn end_to_end(set: &Set) -> Vec<Stage> {
    [("none", &set.plain, 575.0), ("zstd", &set.zstd, 490.0), ("gzip", &set.gzip, 390.0)]
        .into_iter()
        .map(|(encoding, bodies, limit)| Stage {
            name: match encoding {
                "none" => "end to end, uncompressed",
                "zstd" => "end to end, zstd",
                _ => "end to end, gzip",
            },
            records: set.records * ROUNDS as u64,
            cpu: serve(encoding, bodies),
            limit: Some(limit),
        })
        .collect()
}

fn serve(encoding: &str, bodies: &[Vec<u8>]) -> Duration {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let server = Server::start(&directory.path().join("data"));
    let url = server.url();
    let agent = ureq::Agent::new_with_defaults();
    let before = server.cpu();
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let url = format!("{url}/v1/logs");
            scope.spawn(move || {
                let agent = ureq::Agent::new_with_defaults();
                for body in (0..ROUNDS).flat_map(|_| bodies.iter().skip(connection).step_by(CONNECTIONS)) {
                    let mut request = agent.post(&url).header("content-type", "application/x-protobuf");
                    if encoding != "none" {
                        request = request.header("content-encoding", encoding);
                    }
                    request.send(body).unwrap();
                }
            });
        }
    });
    agent.post(format!("{url}/api/v1/system/flush")).send_empty().unwrap();
    server.cpu() - before
}
