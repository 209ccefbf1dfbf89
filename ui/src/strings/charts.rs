//! Texts of charts.

use super::{One, Two};

/// Texts of charts.
pub struct Charts {
    pub part_missing: One,
    pub empty: &'static str,
    pub series: &'static str,
    pub series_count: One,
    pub filter_help: &'static str,
    pub name: &'static str,
    pub last: &'static str,
    pub max: &'static str,
    pub time: &'static str,
    pub range: &'static str,
    pub count: &'static str,
    pub as_table: &'static str,
    pub as_chart: &'static str,
    pub csv: &'static str,
    pub csv_help: &'static str,
    pub png: &'static str,
    pub png_help: &'static str,
    pub png_failed: &'static str,
    pub zoom_to: One,
    pub more_series: One,
    pub newest_rows: Two,
    pub marker: Two,
    pub no_value: &'static str,
    pub compared: One,
    pub up_to: One,
    pub ok: &'static str,
    pub warn: &'static str,
    pub bad: &'static str,
    pub unknown: &'static str,
}

/// In the language of the reader.
#[must_use]
pub fn charts() -> &'static Charts {
    super::pick(&ENGLISH, &CHINESE)
}

/// English.
pub static ENGLISH: Charts = Charts {
    part_missing: |name| format!("{name} cannot be loaded"),
    empty: "No values in this window",
    series: "Series",
    series_count: |count| format!("{count} series"),
    filter_help: "Click: only this one. Ctrl or Shift and click: without it, or with it again.",
    name: "Name",
    last: "Last",
    max: "Max",
    time: "Time",
    range: "Range",
    count: "Count",
    as_table: "Table",
    as_chart: "Chart",
    csv: "CSV",
    csv_help: "Download the values as CSV",
    png: "PNG",
    png_help: "Download the chart as a picture",
    png_failed: "The picture could not be made",
    zoom_to: |time| format!("Zoom to {time}"),
    more_series: |count| format!("and {count} more"),
    newest_rows: |shown, all| format!("The newest {shown} of {all}."),
    marker: |label, time| format!("{label} at {time}"),
    no_value: "no value",
    compared: |before| format!("before: {before}"),
    up_to: |count| format!("up to {count}"),
    ok: "healthy",
    warn: "degraded",
    bad: "failing",
    unknown: "no data",
};

/// Simplified Chinese.
pub static CHINESE: Charts = Charts {
    part_missing: |name| format!("无法加载 {name}"),
    empty: "此时间范围内没有数值",
    series: "序列",
    series_count: |count| format!("{count} 个序列"),
    filter_help: "单击：只显示此项。按住 Ctrl 或 Shift 单击：隐藏或重新显示此项。",
    name: "名称",
    last: "最新",
    max: "最大",
    time: "时间",
    range: "区间",
    count: "数量",
    as_table: "表格",
    as_chart: "图表",
    csv: "CSV",
    csv_help: "将数值下载为 CSV",
    png: "PNG",
    png_help: "将图表下载为图片",
    png_failed: "无法生成图片",
    zoom_to: |time| format!("放大到 {time}"),
    more_series: |count| format!("还有 {count} 个"),
    newest_rows: |shown, all| format!("显示最新的 {shown} 项，共 {all} 项。"),
    marker: |label, time| format!("{label}，{time}"),
    no_value: "无数值",
    compared: |before| format!("之前：{before}"),
    up_to: |count| format!("至多 {count}"),
    ok: "健康",
    warn: "降级",
    bad: "故障",
    unknown: "无数据",
};
