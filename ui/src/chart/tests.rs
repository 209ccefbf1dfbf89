//! Expected values are worked out by hand from the definitions beside the code, unless a test
//! names another source.

use super::*;
use crate::calendar::parse_utc;
use crate::severity::Level;
use crate::time_range::Window;

const MINUTE_MS: f64 = 60_000.0;
const UTC: fn(i64) -> i32 = |_| 0;

fn series(name: &str, values: &[Option<f64>]) -> Series {
    Series { name: name.to_owned(), colour: Colour::Category(0), values: values.to_vec() }
}

fn points(name: &str, points: &[(f64, f64)]) -> Points {
    Points { name: name.to_owned(), colour: Colour::Category(0), points: points.to_vec() }
}

fn minutes(count: usize, all: Vec<Series>) -> TimeSeries {
    let times_ms = (0..count).map(|minute| minute as f64 * MINUTE_MS).collect();
    TimeSeries { window: None, step_ms: None, times_ms, series: all }
}

fn labels(axis: &Axis) -> Vec<&str> {
    axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
}

#[test]
fn values_have_three_digits_and_a_unit() {
    let custom = Unit::Custom("orders".to_owned());
    for (unit, value, text) in [
        (Unit::Number, 0.0, "0"),
        (Unit::Number, 9418.0, "9,418"),
        (Unit::Number, 9418.5, "9.42 k"),
        (Unit::Number, 12_345.0, "12.3 k"),
        (Unit::Number, 999_999.0, "1 M"),
        (Unit::Number, -1_310_000_000.0, "−1.31 G"),
        (Unit::Number, 0.001_234, "0.00123"),
        (Unit::Number, 9.996, "10"),
        (Unit::Number, 99.96, "100"),
        (Unit::Number, 1.0e-7, "1e-7"),
        (Unit::Number, 1.234e30, "1.23e30"),
        (Unit::Number, f64::NAN, "–"),
        (Unit::PerSecond, 412.4, "412/s"),
        (Unit::PerSecond, 3800.0, "3.8 k/s"),
        (Unit::PerSecond, 0.4, "0.4/s"),
        (Unit::Percent, 18.62, "18.6 %"),
        (Unit::Percent, 0.676, "0.676 %"),
        (Unit::Bytes, 999.0, "999 B"),
        (Unit::Bytes, 1000.0, "1 kB"),
        (Unit::Bytes, 38_400_000.0, "38.4 MB"),
        (Unit::BytesPerSecond, 1.5e9, "1.5 GB/s"),
        (Unit::Milliseconds, 0.42, "420 µs"),
        (Unit::Milliseconds, 846.0, "846 ms"),
        (Unit::Milliseconds, 9980.0, "9.98 s"),
        (Unit::Milliseconds, 125_000.0, "2.08 min"),
        (Unit::Seconds, 0.041, "41 ms"),
        (Unit::Seconds, 7200.0, "2 h"),
        (Unit::Seconds, 0.0, "0 ms"),
        (custom.clone(), 726.0, "726 orders"),
        (custom, 72_600.0, "72.6 k orders"),
    ] {
        assert_eq!(unit.text(value), text, "{unit:?} {value}");
    }
}

#[test]
fn changes_compare_like_with_like() {
    for (unit, now, before, text) in [
        (Unit::PerSecond, 412.0, 429.0, Some("−3.96 %")),
        (Unit::Percent, 0.68, 0.02, Some("+0.66 pt")),
        (Unit::Milliseconds, 846.0, 335.0, Some("+511 ms")),
        (Unit::Number, 5.0, 0.0, None),
        (Unit::Number, 5.0, 5.0, Some("±0 %")),
        (Unit::Percent, 5.0, f64::NAN, None),
    ] {
        assert_eq!(unit.change(now, before).as_deref(), text, "{unit:?} {now} {before}");
    }
}

#[test]
fn value_axes_have_round_labels() {
    let axis = |low, high, unit: &Unit| value_axis(Some((low, high)), unit, 100.0, false, false);
    assert_eq!(labels(&axis(3.0, 520.0, &Unit::Number)), ["0", "200", "400"]);
    assert_eq!(labels(&axis(0.0, 1300.0, &Unit::PerSecond)), ["0", "500/s", "1k/s"]);
    assert_eq!(labels(&axis(0.0, 61.0, &Unit::Percent)), ["0", "25 %", "50 %"]);
    assert_eq!(labels(&axis(0.0, 9800.0, &Unit::Milliseconds)), ["0", "5 s", "10 s"]);
    assert_eq!(labels(&axis(0.0, 200.0, &Unit::Seconds)), ["0", "2 min"]);
    assert_eq!(labels(&axis(0.0, 3.1e6, &Unit::Bytes)), ["0", "2 MB"]);
    assert_eq!(labels(&axis(-30.0, 30.0, &Unit::Number)), ["−25", "0", "25"]);
}

#[test]
fn value_axes_hold_what_they_are_for() {
    for (low, high) in [(0.0, 0.0), (5.0, 5.0), (-5.0, -5.0), (-1e300, 1e300), (1e-12, 3e-12), (-3.0, 7.0), (0.1, 0.3)]
    {
        for fit in [false, true] {
            let axis = value_axis(Some((low, high)), &Unit::Number, 120.0, fit, false);
            assert!(axis.min <= low && high <= axis.max && axis.min < axis.max, "{low} {high} {fit}: {axis:?}");
            assert!((1..=16).contains(&axis.ticks.len()), "{low} {high} {fit}: {axis:?}");
            assert!(axis.ticks.iter().all(|tick| axis.min <= tick.at && tick.at <= axis.max));
            assert!(fit || (axis.min <= 0.0 && 0.0 <= axis.max), "{low} {high} from zero");
        }
    }
    assert_eq!(value_axis(None, &Unit::Number, 120.0, false, true).ticks.len(), 2);
    let counts = value_axis(Some((0.0, 2.0)), &Unit::Number, 400.0, false, true);
    assert_eq!(labels(&counts), ["0", "1", "2"], "counts have no halves");
}

#[test]
fn time_axes_are_labelled_at_full_hours_of_the_zone() {
    let at = |text: &str| parse_utc(text).unwrap() as f64 / 1e6;
    let axis = |from, to, width, offset: fn(i64) -> i32| {
        labels(&time_axis(at(from), at(to), width, &offset)).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let hour = ("2026-11-22T02:06:00Z", "2026-11-22T03:06:00Z");
    assert_eq!(axis(hour.0, hour.1, 900.0, UTC), ["02:10", "02:20", "02:30", "02:40", "02:50", "03:00"]);
    assert_eq!(axis(hour.0, hour.1, 300.0, UTC), ["02:30", "03:00"]);
    let day = ("2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z");
    assert_eq!(axis(day.0, day.1, 500.0, UTC), ["12:00", "18:00", "Nov 22", "06:00"]);
    assert_eq!(axis(day.0, day.1, 500.0, |_| 330), ["18:00", "Nov 22", "06:00", "12:00"]);
    let second = ("2026-11-22T02:06:00Z", "2026-11-22T02:06:01Z");
    assert_eq!(axis(second.0, second.1, 300.0, UTC), ["02:06:00.000", "02:06:00.500"]);
}

#[test]
fn layers_stand_on_each_other() {
    let layers = stack(&[
        vec![Some(1.0), None, Some(-1.0), None],
        vec![Some(2.0), Some(5.0), Some(4.0), None],
        vec![Some(3.0), Some(1.0), Some(-2.0), None],
    ]);
    let known = |values: &[f64]| values.iter().map(|v| (!v.is_nan()).then_some(*v)).collect::<Vec<_>>();
    let layer = |index: usize| layers.get(index).map(|layer| (known(&layer.base), known(&layer.end))).unwrap();
    let all = |values: [f64; 3]| [Some(values[0]), Some(values[1]), Some(values[2]), None].to_vec();
    assert_eq!(layer(0), (all([0.0, 0.0, 0.0]), all([1.0, 0.0, -1.0])));
    assert_eq!(layer(1), (all([1.0, 0.0, 0.0]), all([3.0, 5.0, 4.0])));
    assert_eq!(layer(2), (all([3.0, 5.0, -1.0]), all([6.0, 6.0, -3.0])));
    assert_eq!(stack(&[]), []);
}

#[test]
fn points_are_brought_to_shared_times_and_pauses_stay_open() {
    let data = TimeSeries::from_points(
        None,
        Some(10.0),
        vec![points("a", &[(0.0, 1.0), (10.0, 2.0), (50.0, 3.0)]), points("b", &[(10.0, 7.0), (f64::NAN, 8.0)])],
    );
    assert_eq!(data.times_ms, [0.0, 10.0, 20.0, 50.0]);
    let values: Vec<_> = data.series.iter().map(|series| series.values.clone()).collect();
    assert_eq!(values, [vec![Some(1.0), Some(2.0), None, Some(3.0)], vec![None, Some(7.0), None, None]]);
    assert_eq!(
        data.series.iter().map(|series| (series.last(), series.max())).collect::<Vec<_>>(),
        [(Some(3.0), Some(3.0)), (Some(7.0), Some(7.0))]
    );
}

#[test]
fn axes_reach_as_far_as_was_asked_for() {
    let window = Window { from_ns: 30_000_000_000, to_ns: 150_000_000_000 };
    let mut data = minutes(3, vec![series("a", &[Some(1.0); 3])]);
    assert_eq!((data.extent(false), data.extent(true)), ((0.0, 120_000.0), (0.0, 180_000.0)));
    data.window = Some(window);
    assert_eq!((data.extent(false), data.extent(true)), ((30_000.0, 150_000.0), (0.0, 180_000.0)));
    let one = minutes(1, vec![series("a", &[Some(1.0)])]);
    assert_eq!(one.extent(false), (-30_000.0, 30_000.0));
    let none = TimeSeries { window: Some(window), ..TimeSeries::default() };
    assert_eq!(none.extent(true), (30_000.0, 150_000.0));
    assert!(none.is_empty() && !one.is_empty() && minutes(1, vec![series("a", &[Some(f64::NAN)])]).is_empty());
}

#[test]
fn drags_mean_whole_bars_and_stay_on_the_axis() {
    let data = minutes(3, vec![series("a", &[Some(1.0); 3])]);
    let seconds = |from: i64, to: i64| Some(Window { from_ns: from * 1_000_000_000, to_ns: to * 1_000_000_000 });
    assert_eq!(data.zoom(100_000.0, 70_000.0, false), seconds(70, 100));
    assert_eq!(data.zoom(70_000.0, 100_000.0, true), seconds(60, 120));
    assert_eq!(data.zoom(70_000.0, 130_000.0, true), seconds(60, 180));
    assert_eq!(data.zoom(-9e9, 9e9, false), seconds(0, 120));
    assert_eq!(data.zoom(500.5, 500.5, false), Some(Window { from_ns: 500_000_000, to_ns: 501_000_000 }));
    assert_eq!(TimeSeries::default().zoom(f64::NAN, f64::NAN, false).map(|window| window.length_ns() > 0), Some(true));
}

#[test]
fn the_value_under_the_pointer_is_found() {
    let data = minutes(3, vec![series("a", &[Some(1.0); 3])]);
    for (at, line, bar) in [
        (-1.0, Some(0), None),
        (0.0, Some(0), Some(0)),
        (29_000.0, Some(0), Some(0)),
        (31_000.0, Some(1), Some(0)),
        (170_000.0, Some(2), Some(2)),
        (180_000.0, Some(2), None),
    ] {
        assert_eq!((data.index_at(at, false), data.index_at(at, true)), (line, bar), "{at}");
    }
    assert_eq!(TimeSeries::default().index_at(0.0, false), None);
}

#[test]
fn scenes_hold_what_is_shown() {
    let data = minutes(2, vec![series("a", &[Some(1.0), None]), series("b", &[Some(2.0), Some(4.0)])]);
    let mut shown = Shown::default();
    let size = Size { width: 600.0, height: 160.0 };
    let scene = |shown: &Shown, kind| Scene::new(&data, shown, kind, (&Unit::Number, false), size, &UTC);
    assert_eq!(scene(&shown, Kind::StackedBars).y.ticks.last().map(|tick| tick.at), Some(4.0));
    let ends: Vec<_> = scene(&shown, Kind::StackedBars).series.into_iter().map(|series| series.layer.end).collect();
    assert_eq!(ends, [[1.0, 0.0], [3.0, 4.0]]);
    shown.isolate("a", ["a", "b"].into_iter());
    let only = scene(&shown, Kind::Lines);
    assert_eq!((only.series.len(), only.y.max), (1, 1.06));
    let markers = [(1000.0, "in"), (-1.0, "before")].map(|(at_ms, label)| Marker { at_ms, label: label.to_owned() });
    let json = only.with_markers(&markers).to_json();
    assert_eq!(json.pointer("/markers").unwrap().to_string(), r#"[{"at":1000.0,"label":"in"}]"#);
    assert_eq!(json.pointer("/series/0/colour").unwrap(), "--cat-1");
    assert_eq!(json.pointer("/kind").unwrap(), "lines");
}

#[test]
fn legends_filter() {
    let names = || ["a", "b", "c"].into_iter();
    let mut shown = Shown::default();
    let seen = |shown: &Shown| names().filter(|name| shown.has(name)).collect::<String>();
    for (isolate, name, left) in [
        (true, "b", "b"),
        (true, "c", "c"),
        (true, "c", "abc"),
        (false, "a", "bc"),
        (false, "b", "c"),
        (false, "c", "abc"),
    ] {
        if isolate {
            shown.isolate(name, names());
        } else {
            shown.toggle(name, names());
        }
        assert_eq!(seen(&shown), left, "{name}");
    }
    shown.toggle("a", names());
    shown.toggle("a", names());
    assert!(shown.is_all(names()));
}

#[test]
fn colours_repeat_with_another_stroke() {
    let of = |place| (Colour::Category(place).token(), Colour::Category(place).dash().len());
    assert_eq!((of(0), of(7), of(8), of(16)), (("--cat-1", 0), ("--cat-8", 0), ("--cat-1", 2), ("--cat-1", 2)));
    assert_ne!(Colour::Category(8).dash(), Colour::Category(16).dash());
    assert_eq!(
        [7, 8, 15, 16, 99].map(|place| Colour::Category(place).stroke()),
        ["solid", "dashed", "dashed", "dotted", "dotted"]
    );
    assert_eq!(Colour::Severity(Level::Error).css(), "var(--sev-error-fill)");
}

#[test]
fn csv_follows_rfc_4180() {
    let mut data =
        minutes(2, vec![series("p95, \"all\"", &[Some(0.1), None]), series("=cmd()", &[Some(1e21), Some(-2.0)])]);
    data.times_ms = vec![0.0, 1500.0];
    assert_eq!(
        series_csv(&data),
        "time,\"p95, \"\"all\"\"\",'=cmd()\r\n1970-01-01T00:00:00Z,0.1,1000000000000000000000\r\n1970-01-01T00:00:01.500Z,,-2\r\n"
    );
    assert_eq!(series_csv(&TimeSeries::default()), "time\r\n");
    let rows = [("0–1 ms", [1.0, 0.0]), ("1,5 ms", [0.5, f64::NAN])];
    let rows = rows.map(|(label, counts)| HeatRow { label: label.to_owned(), counts: counts.to_vec() }).to_vec();
    assert_eq!(
        heat_csv(&Heat { times_ms: vec![0.0, 1000.0], step_ms: 1000.0, rows }),
        "time,0–1 ms,\"1,5 ms\"\r\n1970-01-01T00:00:00Z,1,0.5\r\n1970-01-01T00:00:01Z,0,\r\n"
    );
    let bar = |label: &str, value| Bar { label: label.to_owned(), value, colour: None };
    assert_eq!(
        bars_csv(&[bar("GET /, \"a\"", Some(-1.25)), bar("-1", None), bar("two\nlines", Some(f64::NAN))]),
        "name,value\r\n\"GET /, \"\"a\"\"\",-1.25\r\n'-1,\r\n\"two\nlines\",\r\n"
    );
    assert_eq!(bars_csv(&[]), "name,value\r\n");
}

#[test]
fn files_are_named_for_what_they_show() {
    for (label, from_ms, name) in [
        ("p95, all/entry points", Some(1500.5), "p95-all-entry-points-1970-01-01T00-00-01Z.csv"),
        ("p95, all/entry points", None, "p95-all-entry-points.csv"),
        ("每分钟请求", None, "每分钟请求.csv"),
        ("../..", Some(0.0), "1970-01-01T00-00-00Z.csv"),
    ] {
        assert_eq!(file_name(label, from_ms, "csv"), name);
    }
}

#[test]
fn pictures_hold_every_bar() {
    let bar = |label: &str, value, colour| Bar { label: label.to_owned(), value, colour };
    let bars = [
        bar("a", Some(30.0), None),
        bar("b", Some(-10.0), Some(Colour::Health(Health::Bad))),
        bar("c", None, None),
        bar("d", Some(0.0), None),
    ];
    let picture = Picture::of_bars(&bars, &Unit::Percent, 700.0);
    // names 210, values 98, two gaps of 12: a track of 368 from 222 on; zero is at a quarter of it
    assert_eq!((picture.width, picture.height), (700.0, 88.0));
    assert_eq!(
        picture.fills,
        [("M314.0 7.0h276.0v8h-276.0z".to_owned(), "--accent-fill"), ("M222.0 29.0h92.0v8h-92.0z".to_owned(), "--bad"),]
    );
    let texts: Vec<&str> = picture.labels.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(texts, ["a", "30 %", "b", "−10 %", "c", "–", "d", "0 %"]);
    let last = picture.labels.last().unwrap();
    assert_eq!((last.x, last.y, last.anchor, last.room), (700.0, 77.0, Anchor::End, 98.0));
    assert_eq!(picture.to_json().pointer("/labels/0/anchor").unwrap(), "start");
    assert!(Picture::of_bars(&[], &Unit::Number, 700.0).fills.is_empty());
}

#[test]
fn sparklines_begin_at_zero_and_leave_gaps() {
    let path = |values: &[f64], floor| spark_path(&values.iter().copied().map(Some).collect::<Vec<_>>(), floor);
    // as ui-mock draws: 21 - value / (1.2 · greatest) · 20
    assert_eq!(path(&[0.0, 5.0, 10.0], 0.0), "M0.0 21.0L50.0 12.7L100.0 4.3");
    assert_eq!(path(&[0.0, 2.0], 20.0), "M0.0 21.0L100.0 19.3", "two errors are no alarm");
    assert_eq!(path(&[0.0, 0.0], 0.0), "M0.0 21.0L100.0 21.0");
    assert_eq!(path(&[7.0], 0.0), "M0 4.3L100 4.3");
    assert_eq!(path(&[-10.0, 10.0], 0.0), "M0.0 19.3L100.0 2.7");
    assert_eq!(spark_path(&[Some(1.0), None, Some(1.0)], 0.0), "M0.0 4.3M100.0 4.3");
    assert_eq!(spark_path(&[], 0.0), "");
}

#[test]
fn heat_goes_by_the_root_of_the_share() {
    let steps = [0.0, 0.5, 1.0, 4.0, 4.1, 16.0, 36.0, 37.0, 100.0, 200.0].map(|count| heat_step(count, 100.0));
    assert_eq!(steps, [None, Some(1), Some(1), Some(1), Some(2), Some(2), Some(3), Some(4), Some(5), Some(5)]);
    let of = |counts: &[f64]| Heat {
        rows: vec![HeatRow { label: String::new(), counts: counts.to_vec() }],
        ..Heat::default()
    };
    assert_eq!(heat_bounds(&of(&[30.0])), [1.0, 4.0, 10.0, 19.0, 30.0], "1.2, 4.8, 10.8, 19.2, 30");
    assert_eq!(heat_bounds(&of(&[0.5, 25.0])).map(f64::round), [1.0, 4.0, 9.0, 16.0, 25.0]);
    assert_eq!((heat_step(1.0, 0.0), heat_step(f64::NAN, 1.0)), (None, None));
}

#[test]
fn heat_cells_are_where_the_pointer_finds_them() {
    let row = |label: &str, counts: &[f64]| HeatRow { label: label.to_owned(), counts: counts.to_vec() };
    let heat = Heat {
        times_ms: vec![0.0, 1000.0],
        step_ms: 1000.0,
        rows: vec![row("0–1 ms", &[1.0, 0.0]), row("1–2 ms", &[0.0, 100.0])],
    };
    let plot = HeatPlot::new(&heat, 254.0, 118.0);
    assert_eq!(plot.area(), (42.0, 0.0, 200.0, 100.0));
    assert_eq!((plot.cell(0, 0), plot.cell(1, 1)), ((42.0, 50.0, 99.0, 49.0), (142.0, 0.0, 99.0, 49.0)));
    assert_eq!(plot.paths(&heat).map(|path| path.len() > 5), [true, false, false, false, true]);
    assert_eq!(plot.paths(&heat)[0], "M42 50h99v49h-99z");
    assert_eq!((plot.cell_at(46.0, 99.0), plot.cell_at(241.0, 1.0)), (Some((0, 0)), Some((1, 1))));
    assert_eq!((plot.cell_at(41.0, 50.0), plot.cell_at(46.0, 101.0)), (None, None));
    assert_eq!(heat.window(1, 0), Some(Window { from_ns: 0, to_ns: 2_000_000_000 }));
    assert_eq!(plot.labelled_rows(), [(0, 75.0), (1, 25.0)]);
    let ticks = vec![Tick { at: 1000.0, label: "00:01".to_owned() }];
    let picture = Picture::of_heat(&heat, &Unit::Number, &plot, &Axis { min: 0.0, max: 2000.0, ticks });
    assert_eq!((picture.width, picture.height), (254.0, 118.0));
    assert_eq!((picture.fills.len(), &picture.fills[0]), (5, &("M42 50h99v49h-99z".to_owned(), "--heat-1")));
    let placed: Vec<_> = picture.labels.iter().map(|label| (label.text.as_str(), label.x, label.y)).collect();
    assert_eq!(placed, [("0–1 ms", 34.0, 75.0), ("1–2 ms", 34.0, 25.0), ("00:01", 142.0, 110.5)]);
    assert_eq!(picture.legend[0], ("up to 4".to_owned(), "--heat-1"));
    assert_eq!(picture.to_json().pointer("/legend/4/name").unwrap(), "up to 100");
}

#[test]
fn thresholds_work_in_both_directions() {
    let more = Thresholds { warn: 1.0, bad: 5.0 };
    let less = Thresholds { warn: 99.0, bad: 95.0 };
    let of = |thresholds: Thresholds, values: [f64; 3]| values.map(|value| thresholds.health(Some(value)));
    assert_eq!(of(more, [0.9, 1.0, 5.0]), [Health::Ok, Health::Warn, Health::Bad]);
    assert_eq!(of(less, [99.1, 99.0, 95.0]), [Health::Ok, Health::Warn, Health::Bad]);
    assert_eq!(more.health(None), Health::Unknown);
}

#[test]
fn bars_start_at_zero() {
    let bar = |value| Bar { label: String::new(), value, colour: None };
    let range = bar_range(&[bar(Some(30.0)), bar(None), bar(Some(-10.0))]);
    assert_eq!(range, (-10.0, 30.0));
    assert_eq!((bar_extent(30.0, range), bar_extent(-10.0, range)), ((25.0, 75.0), (0.0, 25.0)));
    assert_eq!(bar_extent(1.0, bar_range(&[])), (0.0, 0.0));
}

#[test]
fn keys_move_along_a_row_of_places() {
    // from, key, with Shift, to; among the places 2 to 20
    for (at, key, shift, to) in [
        (Some(5), "ArrowLeft", false, Some(4)),
        (Some(5), "ArrowRight", false, Some(6)),
        (Some(5), "ArrowRight", true, Some(15)),
        (Some(5), "ArrowLeft", true, Some(2)),
        (Some(2), "ArrowLeft", false, Some(2)),
        (Some(20), "ArrowRight", false, Some(20)),
        (Some(0), "ArrowLeft", false, Some(2)),
        (Some(99), "ArrowLeft", false, Some(20)),
        (Some(5), "Home", false, Some(2)),
        (Some(5), "End", true, Some(20)),
        (None, "ArrowRight", false, Some(2)),
        (None, "ArrowLeft", true, Some(20)),
        (None, "End", false, Some(20)),
        (Some(5), "ArrowUp", false, None),
        (Some(5), "Enter", false, None),
    ] {
        let moved = Motion::of_key(key, shift).and_then(|motion| motion.target(at, 2..21));
        assert_eq!(moved, to, "{at:?} {key} {shift}");
    }
    for motion in [Motion::First, Motion::Last, Motion::By(1), Motion::By(-1)] {
        assert_eq!(motion.target(Some(1), 0..0), None, "{motion:?} where there is nothing");
        assert_eq!(motion.target(None, 3..3), None, "{motion:?} where there is nothing");
    }
}

#[test]
fn keys_move_from_cell_to_cell() {
    // from, key, with Shift, to; in 30 columns and 4 rows, the lowest row first
    for (at, key, shift, to) in [
        (Some((3, 1)), "ArrowLeft", false, Some((2, 1))),
        (Some((3, 1)), "ArrowRight", true, Some((13, 1))),
        (Some((3, 1)), "ArrowUp", false, Some((3, 2))),
        (Some((3, 1)), "ArrowDown", false, Some((3, 0))),
        (Some((3, 1)), "ArrowUp", true, Some((3, 3))),
        (Some((3, 0)), "ArrowDown", false, Some((3, 0))),
        (Some((3, 1)), "Home", false, Some((0, 1))),
        (Some((3, 1)), "End", false, Some((29, 1))),
        (None, "ArrowRight", false, Some((0, 0))),
        (None, "ArrowLeft", false, Some((29, 0))),
        (None, "ArrowUp", false, Some((0, 0))),
        (None, "ArrowDown", false, Some((0, 3))),
        (Some((3, 1)), "Escape", false, None),
    ] {
        assert_eq!(move_cell(key, shift, at, (30, 4)), to, "{at:?} {key} {shift}");
    }
    assert_eq!(move_cell("ArrowUp", false, None, (30, 0)), None);
    assert_eq!(move_cell("ArrowLeft", false, None, (0, 4)), None);
}

#[test]
fn the_crosshair_stays_on_the_axis() {
    let mut data = minutes(4, vec![series("a", &[Some(1.0); 4])]);
    assert_eq!((data.places(false), data.places(true)), (0..4, 0..4));
    assert_eq!((data.crosshair(1, false), data.crosshair(1, true)), (Some(60_000.0), Some(90_000.0)));
    assert_eq!((data.crosshair(4, false), TimeSeries::default().crosshair(0, true)), (None, None));
    assert_eq!(TimeSeries::default().places(false), 0..0);
    // from half of the first minute to the third, which lines end at and bars reach beyond
    data.window = Some(Window { from_ns: 30_000_000_000, to_ns: 120_000_000_000 });
    assert_eq!(data.places(false), 1..3);
    assert_eq!(data.crosshair(0, false), Some(30_000.0));
    assert_eq!(data.places(true), 0..3, "bars until 180 s: a step beyond the window");
}

#[test]
fn readings_list_what_is_shown() {
    let data = minutes(
        2,
        vec![series("a", &[Some(10.0), None]), series("b", &[Some(30.0), None]), series("c", &[Some(2.0), None])],
    );
    let mut shown = Shown::default();
    let text = |shown: &Shown, stacked, index| Reading::new(&data, shown, stacked, index).text("03:05", &Unit::Percent);
    assert_eq!(text(&shown, false, 0), "03:05: b 30 %, a 10 %, c 2 %");
    assert_eq!(text(&shown, true, 0), "03:05, total 42 %: b 30 %, a 10 %, c 2 %");
    assert_eq!(text(&shown, true, 1), "03:05: no value");
    shown.isolate("a", ["a", "b", "c"].into_iter());
    assert_eq!(text(&shown, true, 0), "03:05: a 10 %", "one alone is no sum");

    let many = (0..15).map(|place| series(&format!("s{place}"), &[Some(f64::from(place))]));
    let reading = Reading::new(&minutes(1, many.collect()), &Shown::default(), true, 0);
    let names: Vec<&str> = reading.values.iter().map(|value| value.name.as_str()).collect();
    assert_eq!((names.len(), names[0], names[11], reading.more), (12, "s14", "s3", 3));
    assert_eq!(reading.total, Some(105.0), "0 + 1 + … + 14");
    assert!(reading.text("03:05", &Unit::Number).ends_with("s3 3, and 3 more"));

    let row = HeatRow { label: "0–1 ms".to_owned(), counts: vec![7.0] };
    let heat = Heat { times_ms: vec![0.0], step_ms: 1000.0, rows: vec![row] };
    assert_eq!(heat.text((0, 0), "03:05", &Unit::Number), "03:05: 0–1 ms 7");
}
