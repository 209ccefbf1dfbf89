//! Texts of the code editor.

use super::Two;

/// Texts of the code editor.
pub struct Editor {
    pub at: Two,
    pub keys: &'static str,
    /// Words of the library, in its own English, and what stands for them.
    pub phrases: &'static [(&'static str, &'static str)],
}

/// In the language of the reader.
#[must_use]
pub fn editor() -> &'static Editor {
    super::pick(&ENGLISH, &CHINESE)
}

/// English.
pub static ENGLISH: Editor = Editor {
    at: |line, column| format!("Line {line}, column {column}"),
    keys: "Ctrl or Cmd and Enter runs it. Escape, then Tab leaves the editor.",
    phrases: &[],
};

/// Simplified Chinese.
pub static CHINESE: Editor = Editor {
    at: |line, column| format!("第 {line} 行第 {column} 列"),
    keys: "按 Ctrl 或 Cmd + Enter 运行。先按 Esc 再按 Tab 离开编辑器。",
    phrases: &[
        ("Completions", "补全"),
        ("Control character", "控制字符"),
        ("Diagnostics", "诊断"),
        ("No diagnostics", "没有诊断"),
        ("Go to line", "转到行"),
        ("go", "转到"),
        ("Selection deleted", "已删除所选内容"),
        ("close", "关闭"),
        ("current match", "当前匹配"),
        ("on line", "位于行"),
        ("replaced $ matches", "已替换 $ 处匹配"),
        ("replaced match on line $", "已替换第 $ 行的匹配"),
        ("Find", "查找"),
        ("Replace", "替换为"),
        ("next", "下一个"),
        ("previous", "上一个"),
        ("all", "全部"),
        ("match case", "区分大小写"),
        ("regexp", "正则表达式"),
        ("by word", "整词"),
        ("replace", "替换"),
        ("replace all", "全部替换"),
    ],
};
