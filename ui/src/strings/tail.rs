//! Texts of the live tail and of surrounding lines.

use super::{One, Two};

/// All of them.
pub struct Tail {
    pub live: &'static str,
    pub start: &'static str,
    pub stop: &'static str,
    pub key: &'static str,
    pub list: &'static str,
    pub connecting: &'static str,
    pub running: &'static str,
    pub paused: &'static str,
    pub held: &'static str,
    pub pause: &'static str,
    pub resume: &'static str,
    pub lost: Two,
    pub try_now: &'static str,
    pub cancelled: &'static str,
    pub go_on: &'static str,
    pub new_lines: One,
    pub more_new_lines: One,
    pub show_new: &'static str,
    pub over_rate: Two,
    pub over_rate_help: &'static str,
    pub missed: One,
    pub missed_unknown: &'static str,
    pub missed_help: &'static str,
    pub waiting_title: &'static str,
    pub waiting_any: &'static str,
    pub waiting_search: One,
    pub range: Two,
    pub received: Two,
    pub newest_kept: One,
}

/// Texts of surrounding lines.
pub struct Surrounding {
    pub show: &'static str,
    pub list: &'static str,
    pub around: Two,
    pub back: &'static str,
    pub within: &'static str,
    pub host: &'static str,
    pub service: &'static str,
    pub all: &'static str,
    pub shared: One,
    pub shared_none: &'static str,
    pub more_after: One,
    pub more_before: One,
    pub no_after: &'static str,
    pub no_before: &'static str,
    pub most: One,
    pub gone_title: &'static str,
    pub gone_detail: &'static str,
    pub counted: Two,
}

/// Of the live tail, in the language of the reader.
#[must_use]
pub fn text() -> &'static Tail {
    super::pick(&ENGLISH, &CHINESE)
}

/// Of surrounding lines, in the language of the reader.
#[must_use]
pub fn surrounding() -> &'static Surrounding {
    super::pick(&SURROUNDING_ENGLISH, &SURROUNDING_CHINESE)
}

fn plural(count: &str, one: &str, many: &str) -> String {
    if count == "1" { format!("1 {one}") } else { format!("{count} {many}") }
}

static ENGLISH: Tail = Tail {
    live: "Live",
    start: "Follow new lines as they come",
    stop: "Stop following",
    key: "Follow new lines, or stop",
    list: "New log lines",
    connecting: "Connecting…",
    running: "Following",
    paused: "Paused",
    held: "Held while you read",
    pause: "Pause",
    resume: "Resume",
    lost: |cause, seconds| format!("{cause}. Trying again in {seconds} s"),
    try_now: "Try now",
    cancelled: "Somebody stopped this query on the server.",
    go_on: "Follow again",
    new_lines: |count| plural(count, "new line", "new lines"),
    more_new_lines: |count| format!("The newest {count} of more new lines"),
    show_new: "Show them",
    over_rate: |count, rate| format!("{} left out: more than {rate} a second", plural(count, "line", "lines")),
    over_rate_help: "These lines match and are stored; a narrower search shows all, or look at them in the list.",
    missed: |count| format!("{} went by unseen", plural(count, "line", "lines")),
    missed_unknown: "Lines went by unseen",
    missed_help: "The connection was away or too slow, so these lines were not looked at. They are stored: leave Live to see those that match.",
    waiting_title: "Waiting for new lines",
    waiting_any: "The next line that is sent here shows up at once.",
    waiting_search: |query| format!("The next line that matches {query} shows up at once."),
    range: |first, last| format!("{first}–{last}"),
    received: |count, since| format!("{} since {since}", plural(count, "new line", "new lines")),
    newest_kept: |count| format!("the newest {count} are kept"),
};

static CHINESE: Tail = Tail {
    live: "实时",
    start: "实时跟踪新日志",
    stop: "停止跟踪",
    key: "开始或停止实时跟踪",
    list: "新日志行",
    connecting: "正在连接…",
    running: "跟踪中",
    paused: "已暂停",
    held: "阅读时暂不滚动",
    pause: "暂停",
    resume: "继续",
    lost: |cause, seconds| format!("{cause}，{seconds} 秒后重试"),
    try_now: "立即重试",
    cancelled: "该查询已在服务器上被取消。",
    go_on: "重新跟踪",
    new_lines: |count| format!("{count} 条新日志"),
    more_new_lines: |count| format!("更多新日志中最新的 {count} 条"),
    show_new: "显示",
    over_rate: |count, rate| format!("已略过 {count} 条：每秒超过 {rate} 条"),
    over_rate_help: "这些日志符合条件并已存储；缩小搜索范围可全部显示，也可在列表中查看。",
    missed: |count| format!("有 {count} 条日志未经检查"),
    missed_unknown: "有日志未经检查",
    missed_help: "由于连接中断或过慢，这些日志未经检查。它们已存储：退出实时模式即可查看其中符合条件的日志。",
    waiting_title: "等待新日志",
    waiting_any: "下一条发送到此处的日志会立即显示。",
    waiting_search: |query| format!("下一条符合 {query} 的日志会立即显示。"),
    range: |first, last| format!("{first}–{last}"),
    received: |count, since| format!("自 {since} 起 {count} 条新日志"),
    newest_kept: |count| format!("仅保留最新的 {count} 条"),
};

static SURROUNDING_ENGLISH: Surrounding = Surrounding {
    show: "Show surrounding lines",
    list: "Surrounding lines",
    around: |service, time| {
        if service.is_empty() { format!("Around {time}") } else { format!("Around {service}, {time}") }
    },
    back: "Back",
    within: "Lines of",
    host: "Same service and host",
    service: "Same service",
    all: "All",
    shared: |fields| format!("only {fields}"),
    shared_none: "of every service and host",
    more_after: |count| format!("Show up to {count} lines after"),
    more_before: |count| format!("Show up to {count} lines before"),
    no_after: "No later lines",
    no_before: "No earlier lines",
    most: |count| format!("{count} lines are the most on this side"),
    gone_title: "This line is no longer stored",
    gone_detail: "It was deleted, or its retention has ended.",
    counted: |before, after| format!("{before} before, {after} after"),
};

static SURROUNDING_CHINESE: Surrounding = Surrounding {
    show: "查看上下文日志",
    list: "上下文日志",
    around: |service, time| {
        if service.is_empty() { format!("{time} 前后") } else { format!("{service} {time} 前后") }
    },
    back: "返回",
    within: "日志范围",
    host: "同一服务和主机",
    service: "同一服务",
    all: "全部",
    shared: |fields| format!("仅 {fields}"),
    shared_none: "所有服务和主机",
    more_after: |count| format!("显示之后最多 {count} 条"),
    more_before: |count| format!("显示之前最多 {count} 条"),
    no_after: "之后没有日志",
    no_before: "之前没有日志",
    most: |count| format!("此方向最多显示 {count} 条"),
    gone_title: "该日志已不在存储中",
    gone_detail: "它已被删除，或已超过保留期限。",
    counted: |before, after| format!("之前 {before} 条，之后 {after} 条"),
};
