//! Texts of the section Appearance.

use crate::strings::One;

/// All of them.
pub struct Appearance {
    pub lead: &'static str,
    pub theme: &'static str,
    pub dark: &'static str,
    pub light: &'static str,
    pub zone: &'static str,
    pub zone_hint: One,
    pub utc: &'static str,
    pub local: One,
    pub language: &'static str,
    pub language_hint: &'static str,
}

/// In the language of the reader.
#[must_use]
pub fn text() -> &'static Appearance {
    crate::strings::pick(&ENGLISH, &CHINESE)
}

static ENGLISH: Appearance = Appearance {
    lead: "Remembered in this browser, for this server.",
    theme: "Theme",
    dark: "Dark",
    light: "Light",
    zone: "Time zone",
    zone_hint: |now| format!("Now it is {now}."),
    utc: "UTC",
    local: |zone| format!("Local ({zone})"),
    language: "Language",
    language_hint: "The page is loaded again.",
};

static CHINESE: Appearance = Appearance {
    lead: "记在此浏览器中，仅用于此服务器。",
    theme: "主题",
    dark: "深色",
    light: "浅色",
    zone: "时区",
    zone_hint: |now| format!("现在是 {now}。"),
    utc: "UTC",
    local: |zone| format!("本地（{zone}）"),
    language: "语言",
    language_hint: "页面会重新加载。",
};
