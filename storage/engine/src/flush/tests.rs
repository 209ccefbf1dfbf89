use super::*;
use crate::test_support::{numbered, numbers};

#[test]
fn runs_are_cut_at_the_greatest_size() {
    let batch = |n: std::ops::Range<u64>| numbered(n).into_records();
    for (rows_max, runs) in [(1, vec![1; 9]), (2, vec![2, 2, 2, 2, 1]), (4, vec![4, 4, 1]), (9, vec![9]), (10, vec![9])]
    {
        let cut = cut(vec![batch(0..3), batch(3..4), batch(4..9)], rows_max);
        let sizes: Vec<usize> = cut.iter().map(|run| run.iter().map(RecordBatch::num_rows).sum()).collect();
        assert_eq!(sizes, runs, "at most {rows_max}");
        let all: Vec<RecordBatch> = cut.into_iter().flatten().collect();
        assert_eq!(numbers(&all), (0..9).collect::<Vec<_>>());
    }
    assert!(cut(Vec::new(), 5).is_empty());
}
