//! A server process under load over HTTP; its CPU time is read when all is in Parquet.

use crate::Stage;
use crate::requests::Set;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
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

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(encoding: &str, bodies: &[Vec<u8>]) -> Duration {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let ports: Vec<u16> =
        (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()).collect();
    let address = |i: usize| format!("127.0.0.1:{}", ports.get(i).unwrap());
    let mut command = Command::new(std::env::var_os("LINCEI_BIN").expect("LINCEI_BIN names the binary"));
    command.arg("serve").arg("--data").arg(directory.path().join("data"));
    command.args(["--listen", &address(0), "--otlp-grpc", &address(1), "--otlp-http", &address(2)]);
    let server = Server(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let url = format!("http://{}", address(0));
    let agent = ureq::Agent::new_with_defaults();
    while agent.get(format!("{url}/healthz")).call().is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let before = cpu_of(server.0.id());
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
    cpu_of(server.0.id()) - before
}

/// User and system time of a process: fields 14 and 15 of `/proc/<pid>/stat`, in ticks of 10 ms.
fn cpu_of(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(|f| f.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}
