//! Texts of the page Settings; each of its sections has its own.

pub mod accounts;
pub mod appearance;
pub mod audit;
pub mod deletion;
pub mod health;
pub mod keys;
pub mod queries;
pub mod storage;

use super::{One, Two};

/// What the sections share.
pub struct Settings {
    pub title: &'static str,
    pub document_title: One,
    pub sections: &'static str,
    pub storage: &'static str,
    pub keys: &'static str,
    pub accounts: &'static str,
    pub audit: &'static str,
    pub health: &'static str,
    pub queries: &'static str,
    pub appearance: &'static str,
    pub read_only: Two,
    pub forbidden_title: &'static str,
    pub forbidden: One,
    pub not_fresh: &'static str,
    pub cancel: &'static str,
    pub save: &'static str,
    pub saving: &'static str,
    pub edit: &'static str,
    pub done: &'static str,
    pub never: &'static str,
    pub none: &'static str,
    pub ago: One,
    pub just_now: &'static str,
    pub times_in: One,
    pub failed: &'static str,
    pub needed: &'static str,
}

/// In the language of the reader.
#[must_use]
pub fn text() -> &'static Settings {
    super::pick(&ENGLISH, &CHINESE)
}

static ENGLISH: Settings = Settings {
    title: "Settings",
    document_title: |section| format!("{section} · Settings · Lincei"),
    sections: "Sections of the settings",
    storage: "Storage and retention",
    keys: "Keys",
    accounts: "Accounts",
    audit: "Audit log",
    health: "Health",
    queries: "Running queries",
    appearance: "Appearance",
    read_only: |name, role| format!("{name} is a {role}: this can be read here, and changed by an administrator."),
    forbidden_title: "This account may not do that",
    forbidden: |name| {
        format!(
            "{name} may look at data, but only an administrator may delete or change it. Ask one, or sign in as one."
        )
    },
    not_fresh: "Not up to date:",
    cancel: "Cancel",
    save: "Save",
    saving: "Saving…",
    edit: "Edit",
    done: "Done",
    never: "never",
    none: "none",
    ago: |span| format!("{span} ago"),
    just_now: "just now",
    times_in: |zone| format!("times in {zone}"),
    failed: "It failed:",
    needed: "Needed",
};

static CHINESE: Settings = Settings {
    title: "设置",
    document_title: |section| format!("{section} · 设置 · Lincei"),
    sections: "设置的各部分",
    storage: "存储与保留",
    keys: "密钥",
    accounts: "账户",
    audit: "审计日志",
    health: "健康状况",
    queries: "正在运行的查询",
    appearance: "外观",
    read_only: |name, role| format!("{name} 是{role}：可在此查看，由管理员更改。"),
    forbidden_title: "此账户无权执行该操作",
    forbidden: |name| format!("{name} 可以查看数据，但只有管理员可以删除或更改。请联系管理员，或以管理员身份登录。"),
    not_fresh: "未能更新：",
    cancel: "取消",
    save: "保存",
    saving: "正在保存…",
    edit: "编辑",
    done: "完成",
    never: "从未",
    none: "无",
    ago: |span| format!("{span}前"),
    just_now: "刚刚",
    times_in: |zone| format!("时间为 {zone}"),
    failed: "失败：",
    needed: "必填",
};
