//! Texts of the guide that is shown while nothing was sent yet.

use super::One;

/// All of them; for a client, its name and what it is.
pub struct Guide {
    pub title: &'static str,
    pub lead: &'static str,
    pub waiting: &'static str,
    pub listening: fn(&str, &str, &str) -> String,
    pub sources: &'static str,
    pub copy: &'static str,
    pub logs_title: &'static str,
    pub other_signals: One,
    pub key_needed: &'static str,
    pub curl: (&'static str, &'static str),
    pub python: (&'static str, &'static str),
    pub node: (&'static str, &'static str),
    pub java: (&'static str, &'static str),
    pub dotnet: (&'static str, &'static str),
    pub rust: (&'static str, &'static str),
    pub sdk: (&'static str, &'static str),
    pub collector: (&'static str, &'static str),
    pub fluent_bit: (&'static str, &'static str),
    pub vector: (&'static str, &'static str),
    pub import: (&'static str, &'static str),
    pub journal: (&'static str, &'static str),
}

/// In the language of the reader.
#[must_use]
pub fn text() -> &'static Guide {
    super::pick(&ENGLISH, &CHINESE)
}

static ENGLISH: Guide = Guide {
    title: "Nothing was sent yet",
    lead: "Send something in one of these ways; it appears here by itself within two seconds.",
    waiting: "Waiting for the first data",
    listening: |grpc, http, page| format!("OTLP gRPC on {grpc}, OTLP HTTP on {http}, JSON lines on {page}"),
    sources: "Send from",
    copy: "Copy",
    logs_title: "No logs yet",
    other_signals: |what| format!("{what} arrive already; logs do not yet."),
    key_needed: "This server asks for a key: lincei key create --kind ingest makes one. Put it where the text says <key>.",
    curl: (
        "curl",
        "JSON, one object per line or an array; time, level, message and service are found under their usual names.",
    ),
    python: ("Python", "OpenTelemetry SDK: a request, and a line of the logging module within it."),
    node: ("Node.js", "OpenTelemetry SDK: a request, and a log line within it."),
    java: ("Java", "OpenTelemetry agent: requests, logs and metrics of frameworks and libraries."),
    dotnet: (
        ".NET",
        "OpenTelemetry automatic instrumentation: requests, logs and metrics of frameworks and libraries.",
    ),
    rust: ("Rust", "OpenTelemetry SDK: a request and a log line."),
    sdk: ("Other SDKs", "Environment variables that every OpenTelemetry SDK reads."),
    collector: ("Collector", "OpenTelemetry Collector: one exporter beside those you have."),
    fluent_bit: ("Fluent Bit", "Its OpenTelemetry output, here for files."),
    vector: ("Vector", "Its HTTP output, here for files."),
    import: ("Files", "JSON lines, logfmt, syslog or plain text; the format is found by looking."),
    journal: ("systemd journal", "Everything that the journal of this machine holds, or as it comes with -f."),
};

static CHINESE: Guide = Guide {
    title: "尚未收到任何数据",
    lead: "用以下任意一种方式发送数据；两秒内会自动出现在这里。",
    waiting: "正在等待第一批数据",
    listening: |grpc, http, page| format!("OTLP gRPC：{grpc}，OTLP HTTP：{http}，JSON 行：{page}"),
    sources: "发送方式",
    copy: "复制",
    logs_title: "还没有日志",
    other_signals: |what| format!("已收到 {what}；尚未收到日志。"),
    key_needed: "此服务器需要密钥：用 lincei key create --kind ingest 创建，并填入文本中的 <key> 处。",
    curl: ("curl", "JSON，每行一个对象或一个数组；时间、级别、消息和服务按常见字段名识别。"),
    python: ("Python", "OpenTelemetry SDK：一个请求，以及其中由 logging 模块写出的一行日志。"),
    node: ("Node.js", "OpenTelemetry SDK：一个请求，以及其中的一行日志。"),
    java: ("Java", "OpenTelemetry 代理：框架和库的请求、日志与指标。"),
    dotnet: (".NET", "OpenTelemetry 自动插桩：框架和库的请求、日志与指标。"),
    rust: ("Rust", "OpenTelemetry SDK：一个请求和一行日志。"),
    sdk: ("其他 SDK", "所有 OpenTelemetry SDK 都读取的环境变量。"),
    collector: ("Collector", "OpenTelemetry Collector：在已有导出器之外再加一个。"),
    fluent_bit: ("Fluent Bit", "使用其 OpenTelemetry 输出，此处以文件为例。"),
    vector: ("Vector", "使用其 HTTP 输出，此处以文件为例。"),
    import: ("文件", "JSON 行、logfmt、syslog 或纯文本；格式自动识别。"),
    journal: ("systemd 日志", "本机 journal 中的全部内容，加 -f 则持续跟随。"),
};
