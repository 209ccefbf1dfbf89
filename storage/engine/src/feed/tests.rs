use super::*;
use crate::test_support::{numbered, numbers};

const SECOND: i64 = 1_000_000_000;

fn logs() -> Key {
    (TenantId::default(), Table::Logs)
}

fn publish(feed: &Feed, range: std::ops::Range<u64>, now_ns: i64) {
    feed.publish(vec![(logs(), numbered(range).into_records())], now_ns);
}

async fn next(subscription: &mut Subscription) -> Result<Vec<u64>, Option<u64>> {
    match subscription.next().await {
        FeedItem::Rows(batch, _) => Ok(numbers(&[batch])),
        FeedItem::Missed(rows) => Err(rows),
    }
}

fn follow(feed: &Arc<Feed>, from: Option<FeedPosition>, now_ns: i64) -> Subscription {
    feed.follow(&TenantId::default(), Table::Logs, from, now_ns)
}

#[tokio::test]
async fn all_followers_get_every_row_after_they_came() {
    let feed = Arc::new(Feed::default());
    assert!(!feed.is_watched());
    let mut first = follow(&feed, None, 0);
    assert!(feed.is_watched());
    publish(&feed, 0..3, 0);
    let mut second = follow(&feed, None, 0);
    publish(&feed, 3..5, 0);
    assert_eq!(next(&mut first).await, Ok(vec![0, 1, 2]));
    assert_eq!(next(&mut first).await, Ok(vec![3, 4]));
    assert_eq!(next(&mut second).await, Ok(vec![3, 4]));
}

#[tokio::test]
async fn other_tables_are_not_mixed_in() {
    let feed = Arc::new(Feed::default());
    let mut logs_follower = follow(&feed, None, 0);
    let spans = ((TenantId::default(), Table::Spans), numbered(0..9).into_records());
    feed.publish(vec![spans, (logs(), numbered(9..10).into_records())], 0);
    assert_eq!(next(&mut logs_follower).await, Ok(vec![9]));
}

#[tokio::test]
async fn who_is_too_slow_learns_how_many_rows_he_missed() {
    let feed = Arc::new(Feed::default());
    let mut slow = follow(&feed, None, 0);
    let mut quick = follow(&feed, None, 0);
    let (mut published, mut got) = (0, 0);
    let batch = numbered(0..2_000).into_records();
    let batches = 3 * RING_BYTES_MAX / batch.get_array_memory_size();
    for _ in 0..batches {
        feed.publish(vec![(logs(), batch.clone())], 0);
        published += 2_000;
        got += next(&mut quick).await.unwrap().len() as u64;
    }
    assert_eq!(got, published);
    let missed = next(&mut slow).await.unwrap_err().unwrap();
    assert!(missed > 0 && missed < published);
    let mut seen = 0;
    while seen + missed < published {
        seen += next(&mut slow).await.unwrap().len() as u64;
    }
    assert_eq!(seen + missed, published);
    assert!(feed.rings.lock()[&logs()].bytes <= RING_BYTES_MAX);
}

#[tokio::test]
async fn one_who_comes_back_goes_on_where_he_was() {
    let feed = Arc::new(Feed::default());
    let mut follower = follow(&feed, None, 0);
    publish(&feed, 0..2, 0);
    assert_eq!(next(&mut follower).await, Ok(vec![0, 1]));
    let position = follower.position();
    assert_eq!(position.to_string().parse(), Ok(position));
    follower.tick(10 * SECOND);
    drop(follower);
    publish(&feed, 2..4, 60 * SECOND);
    let mut back = follow(&feed, Some(position), 61 * SECOND);
    assert_eq!(next(&mut back).await, Ok(vec![2, 3]));
}

#[tokio::test]
async fn a_place_inside_a_batch_is_found() {
    let feed = Arc::new(Feed::default());
    let follower = follow(&feed, None, 0);
    publish(&feed, 0..5, 0);
    let mut inside = follow(&feed, Some(FeedPosition { row: 3, ..follower.position() }), 0);
    assert_eq!(next(&mut inside).await, Ok(vec![3, 4]));
}

#[tokio::test]
async fn one_who_comes_back_too_late_is_told() {
    let feed = Arc::new(Feed::default());
    let follower = follow(&feed, None, 0);
    let position = follower.position();
    drop(follower);
    publish(&feed, 0..2, 61 * SECOND);
    assert!(!feed.is_watched(), "nobody follows, and the minute is over");
    let mut back = follow(&feed, Some(position), 62 * SECOND);
    publish(&feed, 2..3, 62 * SECOND);
    assert_eq!(next(&mut back).await, Err(None));
    assert_eq!(next(&mut back).await, Ok(vec![2]));
    // a place that is yet to come is not known either
    let ahead = FeedPosition { row: 99, ..back.position() };
    assert_eq!(next(&mut follow(&feed, Some(ahead), 62 * SECOND)).await, Err(None));
}

#[test]
fn other_texts_are_no_positions() {
    for text in ["", "-", "5", "5-", "-5", "a-b", "1-2-3x", "99999999999999999999-1"] {
        assert!(text.parse::<FeedPosition>().is_err(), "{text}");
    }
}
