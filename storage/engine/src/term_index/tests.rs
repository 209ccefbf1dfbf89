use super::chunk::{Pages, compressor, pack, pages_of};
use super::directory::{Column, Directory};
use super::lookup::PageSet;
use super::slots::{runs, runs_of_part};
use super::*;
use crate::live_file::LiveFile;
use arrow_array::{ArrayRef, RecordBatch, StringViewArray};
use fastrand::Rng;
use lincei_catalog::{DataFile, TermsPlace};
use lincei_model::{FileAttributes, Table, TenantId, limits};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::HashSet;
use std::sync::Arc;

#[test]
fn a_chunk_says_in_which_pages_a_slot_is() {
    let mut rng = Rng::with_seed(1);
    for pages in [1, 2, 7, 130, 1000] {
        let mut pairs: Vec<(u16, u32)> =
            (0..3000).map(|_| (rng.u16(0..1024), rng.u32(0..pages))).chain((0..pages).map(|p| (1023, p))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let packed = pack(&pairs, pages, &mut compressor().unwrap()).unwrap();
        for slot in 0..1024 {
            let expected: Vec<u32> = pairs.iter().filter(|p| p.0 == slot).map(|p| p.1).collect();
            let expected = if expected.len() * 2 > pages as usize { Pages::Common } else { Pages::Listed(expected) };
            assert_eq!(pages_of(&packed, slot, pages), Some(expected), "{slot} of {pages}");
        }
        for at in [0, packed.len() / 2, packed.len() - 1] {
            let mut damaged = packed.clone();
            damaged[at] ^= 1;
            assert_eq!(pages_of(&damaged, 0, pages), None);
        }
        assert_eq!(pages_of(&packed[..3], 0, pages), None);
    }
}

#[test]
fn a_directory_is_read_as_it_was_written() {
    let column = |name: &str, kind| Column { name: name.into(), kind, bits: 18, starts: vec![0, 5, 9] };
    let directory = Directory {
        groups: vec![131_072, 7],
        columns: vec![column("body", Kind::Parts), column("attributes.user.id", Kind::Whole)],
    };
    let bytes = directory.encode();
    assert_eq!(Directory::decode(&bytes), Some(directory));
    for length in 0..bytes.len() {
        assert_eq!(Directory::decode(&bytes[..length]), None, "{length}");
    }
    // the layout, by hand from the table of the module
    let one = Directory { groups: vec![3], columns: vec![column("b", Kind::Whole)] }.encode();
    let body = b"LTI1\x01\0\0\0\x03\0\0\0\x01\0\0\0\x01\0b\x02\x12\x02\0\0\0\0\0\0\0\x05\0\0\0\x09\0\0\0";
    assert_eq!(&one[..one.len() - 4], body);
}

#[test]
fn every_part_of_a_text_has_slots_of_it() {
    let texts =
        ["abcd", "GET /Orders?id=9f3A", "größe ÜBER alles", "\u{212a}elvin \u{17f}ound", "日本語テキスト", "a\0b\nc d"];
    for text in texts {
        let mut slots = HashSet::new();
        runs(text, &mut Vec::new(), |slot| {
            slots.insert(slot);
        });
        for (start, _) in text.char_indices() {
            for end in (start..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                let part = &text[start..end];
                // the other case of one character by one character, as ILIKE compares
                let single = |c: char, mut other: Vec<char>| if other.len() == 1 { other.remove(0) } else { c };
                let lower: String = part.chars().map(|c| single(c, c.to_lowercase().collect())).collect();
                let upper: String = part.chars().map(|c| single(c, c.to_uppercase().collect())).collect();
                let spellings = [part.to_owned(), lower, upper];
                for (any_case, part) in [(false, part)].into_iter().chain(spellings.iter().map(|s| (true, s.as_str())))
                {
                    let found = runs_of_part(part, any_case);
                    assert!(found.iter().all(|slot| slots.contains(slot)), "{part:?} of {text:?}, {any_case}");
                }
            }
        }
    }
    assert!(runs_of_part("abc", false).is_empty());
    assert!(runs_of_part("äöü", true).is_empty());
}

#[test]
fn pages_become_ranges_of_rows() {
    let page = limits::PAGE_ROWS;
    let rows = [2 * page + 5, 3, page];
    let groups: Vec<u32> = rows.iter().map(|r| u32::try_from(*r).unwrap()).collect();
    let one = |range: std::ops::Range<usize>| vec![range];
    let set = |pages: &[u32]| PageSet::of(&groups, pages.to_vec());
    assert_eq!(
        set(&[1, 2, 3]).row_groups(),
        [(rows[0], one(page..2 * page + 5)), (rows[1], one(0..3)), (rows[2], Vec::new())]
    );
    assert_eq!(set(&[0, 2, 4]).row_groups()[0].1, [0..page, 2 * page..2 * page + 5]);
    assert_eq!(set(&[0, 1, 4]).and(&set(&[1, 2])), set(&[1]));
    assert_eq!(set(&[0, 1]).or(&set(&[4])), set(&[0, 1, 4]));
    assert_eq!(set(&[0, 4]).count(), (2, 5));
}

/// Log bodies and trace ids of so many rows, and the pages that have some row with a needle.
fn rows(rng: &mut Rng, count: usize) -> (Vec<String>, Vec<Option<String>>) {
    let words = ["connection", "reset", "by", "peer", "user", "logged", "in", "payment", "declined"];
    let body = |i: usize| {
        let words: Vec<&str> = (0..6).map(|_| *rng.choice(&words).unwrap()).collect();
        let needle = if i == count / 3 { "xxKX9Q7zTyy" } else { "" };
        format!("{} req={:016x}{needle}", words.join(" "), rng.u64(..))
    };
    let bodies = (0..count).map(body).collect();
    let ids = (0..count).map(|i| i.is_multiple_of(10).then(|| format!("{:032x}", i / 50)));
    (bodies, ids.collect())
}

async fn indexed(bodies: &[String], ids: &[Option<String>]) -> (TermIndexes, LiveFile, usize) {
    let column = |name, array: ArrayRef| (name, array);
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("body", Arc::new(StringViewArray::from_iter_values(bodies)) as ArrayRef, true),
        ("trace_id", column("", Arc::new(ids.iter().map(Option::as_ref).collect::<StringViewArray>())).1, true),
    ])
    .unwrap();
    let mut writer = TermIndexWriter::new(Table::Logs, &batch, &HashSet::new());
    let mut group = 0;
    for start in (0..batch.num_rows()).step_by(limits::PAGE_ROWS) {
        let length = limits::PAGE_ROWS.min(batch.num_rows() - start);
        writer.add(&batch.slice(start, length));
        writer.end_page();
        group += length;
        if group == limits::ROW_GROUP_ROWS || start + length == batch.num_rows() {
            writer.end_group(std::mem::take(&mut group));
        }
    }
    let Encoded { bytes, directory } = writer.finish().unwrap().unwrap();
    let terms =
        TermsPlace { start: 10, directory: 10 + directory as u64, directory_bytes: (bytes.len() - directory) as u64 };
    let length = bytes.len();
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let object = [vec![7; 10], bytes, vec![7; 10]].concat();
    store.put(&Path::from("f"), object.into()).await.unwrap();
    let file = LiveFile::new(DataFile {
        id: ulid::Ulid::nil(),
        tenant: TenantId::default(),
        table: Table::Logs,
        path: "f".into(),
        rows: bodies.len() as u64,
        bytes: 0,
        min_time_ns: 0,
        max_time_ns: 0,
        level: 0,
        crc32: 0,
        created_ns: 0,
        columns: Vec::new(),
        attributes: FileAttributes::default(),
        terms: Some(terms),
        summary: None,
        patterns: None,
    });
    (TermIndexes::new(store, 1 << 20), file, length)
}

#[tokio::test]
async fn the_pages_of_a_term_are_found_and_hardly_any_other() {
    let mut rng = Rng::with_seed(9);
    let count = limits::ROW_GROUP_ROWS + 5 * limits::PAGE_ROWS + 77;
    let (bodies, ids) = rows(&mut rng, count);
    let (indexes, file, bytes) = indexed(&bodies, &ids).await;
    assert!(bytes / count < 4, "{bytes} bytes for {count} rows");
    let part = |text: &str, any_case| Term::Part { column: "body".into(), text: text.into(), any_case };
    let whole = |text: &str| Term::Whole { column: "trace_id".into(), text: text.into() };
    let needle_page = u32::try_from(count / 3 / limits::PAGE_ROWS).unwrap();
    for (text, any_case) in [("KX9Q7zT", false), ("kx9q7zt", true), ("9Q7zTy", false)] {
        let pages = indexes.pages(&file, &part(text, any_case)).await.unwrap();
        assert_eq!(pages, PageSet::of(&[131_072, 41_037], vec![needle_page]), "{text}");
    }
    // in most pages, and too short: nothing is known
    assert_eq!(indexes.pages(&file, &part("payment", false)).await, None);
    assert_eq!(indexes.pages(&file, &part("kx9", true)).await, None);
    assert_eq!(indexes.pages(&file, &part("nowhere%", false)).await.unwrap().count().0, 0);
    let mut found = 0;
    for row in (0..count).step_by(1000) {
        let pages = indexes.pages(&file, &whole(ids[row].as_ref().unwrap())).await.unwrap();
        let groups = pages.row_groups();
        let (group, within) = (row / limits::ROW_GROUP_ROWS, row % limits::ROW_GROUP_ROWS);
        assert!(groups[group].1.iter().any(|range| range.contains(&within)), "row {row}");
        found += pages.count().0;
    }
    assert!(found < 3 * count.div_ceil(1000), "{found} pages for {} ids", count.div_ceil(1000));
    let other = Term::Whole { column: "service".into(), text: "x".into() };
    assert_eq!(indexes.pages(&file, &other).await, None, "a column without an index");
}

#[tokio::test]
async fn few_rows_have_no_index_and_a_missing_object_says_nothing() {
    let batch = RecordBatch::try_from_iter([("body", Arc::new(StringViewArray::from(vec!["abcd"])) as ArrayRef)]);
    let batch = batch.unwrap();
    let mut writer = TermIndexWriter::new(Table::Logs, &batch, &HashSet::new());
    writer.add(&batch);
    writer.end_group(1);
    assert!(writer.finish().unwrap().is_none());
    let (bodies, ids) = rows(&mut Rng::with_seed(1), 5 * limits::PAGE_ROWS);
    let (_, file, _) = indexed(&bodies, &ids).await;
    let empty = TermIndexes::new(Arc::new(InMemory::new()), 1 << 20);
    let term = Term::Part { column: "body".into(), text: "kx9q7zt".into(), any_case: true };
    assert_eq!(empty.pages(&file, &term).await, None);
}
