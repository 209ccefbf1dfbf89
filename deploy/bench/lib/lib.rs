//! What the benchmarks share: a server process to measure, and the CPU time of threads and processes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark stops at the first fault")]

use rustix::time::{ClockId, clock_gettime};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// CPU time of this thread or process.
#[must_use]
pub fn cpu_time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(u64::try_from(time.tv_sec).unwrap(), u32::try_from(time.tv_nsec).unwrap())
}

/// CPU time of this thread that something takes.
pub fn timed(work: impl FnOnce()) -> Duration {
    let before = cpu_time(ClockId::ThreadCPUTime);
    work();
    cpu_time(ClockId::ThreadCPUTime) - before
}

/// Where the figures of a benchmark are kept, below the target directory of the benchmark's own `temporary`.
///
/// # Panics
/// When the folder cannot be made.
#[must_use]
pub fn figures(temporary: &str, name: &str) -> PathBuf {
    let folder = Path::new(temporary).with_file_name("bench-data");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}.json"))
}

/// The binary that is measured.
///
/// # Panics
/// When `LINCEI_BIN` is not set.
#[must_use]
pub fn binary() -> PathBuf {
    std::env::var_os("LINCEI_BIN").expect("LINCEI_BIN names the binary").into()
}

/// A server process, ended when this is dropped.
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts one on a folder, on ports that are free, and waits until it answers.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(data: &Path) -> Self {
        let ports: Vec<u16> =
            (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()).collect();
        let address = |i: usize| format!("127.0.0.1:{}", ports.get(i).unwrap());
        let mut command = Command::new(binary());
        command.arg("serve").arg("--data").arg(data);
        command.args(["--listen", &address(0), "--otlp-grpc", &address(1), "--otlp-http", &address(2)]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { child, url: format!("http://{}", address(0)) };
        let agent = ureq::Agent::new_with_defaults();
        while agent.get(format!("{}/healthz", server.url)).call().is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }

    /// Where it answers, without a stroke at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// User and system time: fields 14 and 15 of `/proc/<pid>/stat`, in ticks of 10 ms.
    ///
    /// # Panics
    /// When the process is gone.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = stat.rsplit_once(')').unwrap().1;
        let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(|f| f.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in bytes.
    ///
    /// # Panics
    /// When the process is gone.
    #[must_use]
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Ends it as a supervisor would, and waits.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
