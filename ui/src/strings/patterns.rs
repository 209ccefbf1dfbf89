//! Texts of the patterns of log bodies.

use super::{One, Two};

/// Puts three values into a sentence.
type Three = fn(&str, &str, &str) -> String;

/// All of them.
pub struct Patterns {
    pub view: &'static str,
    pub lines: &'static str,
    pub patterns: &'static str,
    pub list: &'static str,
    pub pattern: &'static str,
    pub count: &'static str,
    pub share: &'static str,
    pub severity: &'static str,
    pub first: &'static str,
    pub last: &'static str,
    pub sort_by: One,
    pub loading: &'static str,
    pub show: &'static str,
    pub exclude: &'static str,
    pub only_values: &'static str,
    pub only_new: &'static str,
    pub only_new_help: One,
    pub comparing: &'static str,
    pub compared: One,
    pub compared_part: One,
    pub compare_failed: One,
    pub none_new_title: &'static str,
    pub none_new: One,
    pub show_all: &'static str,
    pub empty_title: &'static str,
    pub empty: &'static str,
    pub empty_search: One,
    pub counted: Two,
    pub most_frequent: Two,
    pub only_new_counted: Two,
    pub sampled: One,
    pub uncounted: One,
    pub lines_at: Three,
}

/// In the language of the reader.
#[must_use]
pub fn text() -> &'static Patterns {
    super::pick(&ENGLISH, &CHINESE)
}

static ENGLISH: Patterns = Patterns {
    view: "View",
    lines: "Lines",
    patterns: "Patterns",
    list: "Patterns of log lines",
    pattern: "Pattern",
    count: "Lines",
    share: "Share",
    severity: "Severity",
    first: "First seen",
    last: "Last seen",
    sort_by: |column| format!("Sort by {column}"),
    loading: "Finding patterns",
    show: "Show the lines of this form: the words of the pattern, with anything in the place of its values",
    exclude: "Leave out lines of this form",
    only_values: "This pattern has no words to search for",
    only_new: "Only new",
    only_new_help: |span| format!("Patterns that were not there in the {span} before this window"),
    comparing: "Comparing with before…",
    compared: |span| format!("new: not there in the {span} before"),
    compared_part: |span| format!("new: not among what was looked at of the {span} before, which was only a part"),
    compare_failed: |cause| format!("Not compared with before: {cause}"),
    none_new_title: "Nothing new",
    none_new: |span| format!("Every pattern of this window was there in the {span} before."),
    show_all: "Show all patterns",
    empty_title: "No patterns in this window",
    empty: "There are no lines with a text in it.",
    empty_search: |query| format!("No line with a text matches {query} in it."),
    counted: |patterns, lines| {
        let word = if patterns == "1" { "pattern" } else { "patterns" };
        format!("{patterns} {word} of {lines} lines")
    },
    most_frequent: |shown, found| format!("the {shown} most frequent of {found} patterns"),
    only_new_counted: |new, all| format!("{new} new of {all}"),
    sampled: |lines| format!("only {lines} lines were looked at, the window has more"),
    uncounted: |lines| format!("{lines} lines belong to further patterns"),
    lines_at: |level, lines, share| format!("{level}: {lines} lines, {share} %"),
};

static CHINESE: Patterns = Patterns {
    view: "视图",
    lines: "日志行",
    patterns: "模式",
    list: "日志模式",
    pattern: "模式",
    count: "条数",
    share: "占比",
    severity: "级别",
    first: "首次出现",
    last: "最近出现",
    sort_by: |column| format!("按{column}排序"),
    loading: "正在提取模式",
    show: "显示此形式的日志：包含模式中的词语，变量处可为任意内容",
    exclude: "排除此形式的日志",
    only_values: "该模式没有可供搜索的词语",
    only_new: "仅看新模式",
    only_new_help: |span| format!("在此时间范围之前 {span} 内未出现过的模式"),
    comparing: "正在与之前的日志比较…",
    compared: |span| format!("新：之前 {span} 内未出现"),
    compared_part: |span| format!("新：在之前 {span} 中所检查的部分日志里未出现"),
    compare_failed: |cause| format!("未能与之前的日志比较：{cause}"),
    none_new_title: "没有新模式",
    none_new: |span| format!("此时间范围内的所有模式在之前 {span} 内都出现过。"),
    show_all: "显示全部模式",
    empty_title: "此时间范围内没有模式",
    empty: "其中没有带文本的日志。",
    empty_search: |query| format!("其中没有符合 {query} 且带文本的日志。"),
    counted: |patterns, lines| format!("{patterns} 个模式，共 {lines} 条日志"),
    most_frequent: |shown, found| format!("{found} 个模式中最常见的 {shown} 个"),
    only_new_counted: |new, all| format!("{all} 个中有 {new} 个新模式"),
    sampled: |lines| format!("仅检查了 {lines} 条日志，该时间范围内还有更多"),
    uncounted: |lines| format!("{lines} 条日志属于其他模式"),
    lines_at: |level, lines, share| format!("{level}：{lines} 条，{share} %"),
};
