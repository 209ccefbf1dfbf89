//! Texts of trying something on records: before and after.

use super::{One, Two};

/// All of them.
pub struct Trial {
    pub title: &'static str,
    pub signal: &'static str,
    pub signals: [&'static str; 3],
    pub records: &'static str,
    pub newest: One,
    pub examples: &'static str,
    pub search: &'static str,
    pub placeholder: &'static str,
    pub again: &'static str,
    pub show: &'static str,
    pub different: One,
    pub all: One,
    pub only_dropped: One,
    pub before: &'static str,
    pub after: &'static str,
    pub changes: One,
    pub dropped: &'static str,
    pub dropped_detail: &'static str,
    pub added: &'static str,
    pub added_detail: &'static str,
    pub unchanged: &'static str,
    pub more_fields: One,
    pub more_records: One,
    pub nothing_title: &'static str,
    pub nothing_detail: One,
    pub show_all: &'static str,
    pub empty_title: &'static str,
    pub empty_detail: One,
    pub empty_search: Two,
    pub use_examples: &'static str,
    pub drop_search: &'static str,
    pub summary: fn(&str, &str, &str, &str) -> String,
    pub cpu: One,
    pub memory: One,
    pub log: One,
    pub no_log: &'static str,
    pub failed: &'static str,
    pub line: One,
    pub backtrace: &'static str,
    pub kinds: [(&'static str, &'static str); 7],
}

impl Trial {
    /// What a kind of failure means, in a few words; the kind itself when it is none of the known ones.
    #[must_use]
    pub fn kind<'a>(&self, kind: &'a str) -> &'a str {
        self.kinds.iter().find(|(known, _)| *known == kind).map_or(kind, |(_, words)| *words)
    }
}

/// In the language of the reader.
#[must_use]
pub fn text() -> &'static Trial {
    super::pick(&ENGLISH, &CHINESE)
}

static ENGLISH: Trial = Trial {
    title: "Preview",
    signal: "Signal",
    signals: ["Logs", "Spans", "Metrics"],
    records: "Records",
    newest: |count| format!("newest {count}"),
    examples: "examples",
    search: "Only records that this search finds",
    placeholder: "all records, or service:cart severity:>=WARN",
    again: "Try it again on the newest records",
    show: "Which records are shown",
    different: |count| format!("Different {count}"),
    all: |count| format!("All {count}"),
    only_dropped: |count| format!("Dropped {count}"),
    before: "Before",
    after: "After",
    changes: |count| if count == "1" { "1 field changes".into() } else { format!("{count} fields change") },
    dropped: "dropped",
    dropped_detail: "Not stored",
    added: "added",
    added_detail: "Not there before",
    unchanged: "unchanged",
    more_fields: |count| if count == "1" { "1 more field".into() } else { format!("{count} more fields") },
    more_records: |count| format!("Show {count} more records"),
    nothing_title: "Nothing changes",
    nothing_detail: |count| format!("All {count} records are stored as they came."),
    show_all: "Show them",
    empty_title: "No records to try it on",
    empty_detail: |signal| format!("No {signal} are stored yet. Send some, or try it on examples."),
    empty_search: |signal, search| format!("No {signal} match “{search}”."),
    use_examples: "Use examples",
    drop_search: "Remove the search",
    summary: |records, changed, dropped, added| {
        format!("{records} records: {changed} changed, {dropped} dropped, {added} added")
    },
    cpu: |time| format!("CPU {time}"),
    memory: |bytes| format!("memory {bytes}"),
    log: |count| format!("Log {count}"),
    no_log: "It wrote nothing.",
    failed: "It failed; records are shown as they came.",
    line: |line| format!("line {line}"),
    backtrace: "Backtrace, innermost first",
    kinds: [
        ("refused", "It refused"),
        ("trap", "It broke off"),
        ("deadline", "Out of CPU time"),
        ("limit", "Over a limit"),
        ("output", "Answer is not valid"),
        ("open", "Paused after failures"),
        ("internal", "Failed inside Lincei"),
    ],
};

static CHINESE: Trial = Trial {
    title: "预览",
    signal: "信号",
    signals: ["日志", "跨度", "指标"],
    records: "记录",
    newest: |count| format!("最新 {count} 条"),
    examples: "示例",
    search: "仅限此搜索找到的记录",
    placeholder: "全部记录，或 service:cart severity:>=WARN",
    again: "用最新记录重新试运行",
    show: "显示哪些记录",
    different: |count| format!("有变化 {count}"),
    all: |count| format!("全部 {count}"),
    only_dropped: |count| format!("丢弃 {count}"),
    before: "之前",
    after: "之后",
    changes: |count| format!("{count} 个字段有变化"),
    dropped: "丢弃",
    dropped_detail: "不会存储",
    added: "新增",
    added_detail: "之前没有",
    unchanged: "无变化",
    more_fields: |count| format!("另外 {count} 个字段"),
    more_records: |count| format!("再显示 {count} 条记录"),
    nothing_title: "没有变化",
    nothing_detail: |count| format!("全部 {count} 条记录按原样存储。"),
    show_all: "显示它们",
    empty_title: "没有可供试运行的记录",
    empty_detail: |signal| format!("还没有存储任何{signal}。请先发送，或用示例试运行。"),
    empty_search: |signal, search| format!("没有{signal}匹配“{search}”。"),
    use_examples: "使用示例",
    drop_search: "移除搜索",
    summary: |records, changed, dropped, added| {
        format!("{records} 条记录：{changed} 条有变化，{dropped} 条丢弃，{added} 条新增")
    },
    cpu: |time| format!("CPU {time}"),
    memory: |bytes| format!("内存 {bytes}"),
    log: |count| format!("日志 {count}"),
    no_log: "没有写入任何内容。",
    failed: "运行失败；记录按原样显示。",
    line: |line| format!("第 {line} 行"),
    backtrace: "调用栈，最内层在前",
    kinds: [
        ("refused", "拒绝处理"),
        ("trap", "异常中止"),
        ("deadline", "CPU 时间用尽"),
        ("limit", "超出限制"),
        ("output", "返回值无效"),
        ("open", "多次失败后暂停"),
        ("internal", "Lincei 内部失败"),
    ],
};
