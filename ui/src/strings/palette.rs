//! Texts of the command palette.

use super::One;

/// All of them.
pub struct Palette {
    pub title: &'static str,
    pub placeholder: &'static str,
    pub open: &'static str,
    pub page: &'static str,
    pub service: &'static str,
    pub view: &'static str,
    pub query: &'static str,
    pub dashboard: &'static str,
    pub command: &'static str,
    pub theme: &'static str,
    pub utc: &'static str,
    pub local: &'static str,
    pub keys: &'static str,
    pub copy_link: &'static str,
    pub nothing: One,
    pub hint: &'static str,
}

/// In the language of the reader.
#[must_use]
pub fn text() -> &'static Palette {
    super::pick(&ENGLISH, &CHINESE)
}

static ENGLISH: Palette = Palette {
    title: "Go to",
    placeholder: "A page, a service, a saved view, a command",
    open: "Go to",
    page: "page",
    service: "service",
    view: "saved view",
    query: "saved query",
    dashboard: "dashboard",
    command: "command",
    theme: "Change between dark and light theme",
    utc: "Show times in UTC",
    local: "Show times in the local zone",
    keys: "Keyboard shortcuts",
    copy_link: "Copy link to this view",
    nothing: |typed| format!("Nothing is called {typed}"),
    hint: "↑ ↓ choose, Enter goes there, Esc closes",
};

static CHINESE: Palette = Palette {
    title: "前往",
    placeholder: "页面、服务、已保存的视图或命令",
    open: "前往",
    page: "页面",
    service: "服务",
    view: "已保存的视图",
    query: "已保存的查询",
    dashboard: "仪表盘",
    command: "命令",
    theme: "切换深色与浅色主题",
    utc: "以 UTC 显示时间",
    local: "以本地时区显示时间",
    keys: "键盘快捷键",
    copy_link: "复制当前视图的链接",
    nothing: |typed| format!("没有名为 {typed} 的内容"),
    hint: "↑ ↓ 选择，Enter 前往，Esc 关闭",
};
