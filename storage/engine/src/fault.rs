//! Places where a test makes the process die or copies the data directory as it is. Compiled to
//! nothing unless for tests or with the feature `fault-injection`.
//!
//! `LINCEI_FAULT=<point>[:<n>]` aborts the process when it reaches `point` for the n-th time
//! (default the first).

#[cfg(any(test, feature = "fault-injection"))]
use std::sync::Arc;

/// Every point, in the order in which data passes them.
#[cfg(any(test, feature = "fault-injection"))]
pub(crate) const POINTS: &[&str] = &[
    "wal.created_segment",
    "wal.before_write",
    "wal.mid_frame",
    "wal.after_write",
    "wal.after_sync",
    "wal.visible",
    "flush.frozen",
    "flush.intended",
    "flush.after_object",
    "flush.before_commit",
    "flush.after_commit",
    "flush.after_publish",
    "flush.mid_wal_delete",
    "compaction.before_merge",
    "compaction.after_merge",
    "compaction.before_commit",
    "compaction.after_commit",
    "compaction.after_publish",
    "obsolete.after_delete",
    "deletion.intended",
    "deletion.after_write",
    "deletion.before_commit",
    "deletion.after_commit",
    "deletion.after_publish",
    "retention.before_commit",
    "retention.after_commit",
    "retention.after_publish",
];

#[cfg(any(test, feature = "fault-injection"))]
type Hook = Arc<dyn Fn(&'static str) + Send + Sync>;

/// The points of one engine. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Faults {
    #[cfg(any(test, feature = "fault-injection"))]
    hook: Option<Hook>,
}

impl Faults {
    /// Calls `hook` at every point, on the thread that got there.
    #[cfg(test)]
    pub(crate) fn with_hook(hook: impl Fn(&'static str) + Send + Sync + 'static) -> Self {
        Self { hook: Some(Arc::new(hook)) }
    }

    /// Execution is at `name`.
    #[inline]
    pub(crate) fn point(&self, name: &'static str) {
        #[cfg(any(test, feature = "fault-injection"))]
        {
            debug_assert!(POINTS.contains(&name), "{name} is not in POINTS");
            if let Some(hook) = &self.hook {
                hook(name);
            }
            environment::reached(name);
        }
        #[cfg(not(any(test, feature = "fault-injection")))]
        let _ = name;
    }

    /// Whether frames are written in two halves with a point in between.
    #[inline]
    pub(crate) fn splits_frames(&self) -> bool {
        #[cfg(any(test, feature = "fault-injection"))]
        return self.hook.is_some() || environment::armed();
        #[cfg(not(any(test, feature = "fault-injection")))]
        false
    }
}

#[cfg(any(test, feature = "fault-injection"))]
mod environment {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Armed {
        point: String,
        left: AtomicU64,
    }

    fn read() -> Option<&'static Armed> {
        static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
        let parse = || {
            let text = std::env::var("LINCEI_FAULT").ok()?;
            let (point, count) = text.split_once(':').unwrap_or((&text, "1"));
            Some(Armed { point: point.to_owned(), left: AtomicU64::new(count.parse().ok()?) })
        };
        ARMED.get_or_init(parse).as_ref()
    }

    pub(super) fn armed() -> bool {
        read().is_some()
    }

    pub(super) fn reached(name: &str) {
        let Some(armed) = read().filter(|a| a.point == name) else { return };
        if armed.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }
}
