/* The host's own operators on columns. Included by `lincei.h`.
 *
 * Each is one call for the whole batch. Masks are handles: they are given back by `lincei_mask_drop`, at the
 * latest before the call ends. Functions give false, and why, when an argument was wrong; nothing has changed
 * then.
 */

typedef int32_t lincei_mask;

enum { LINCEI_EQ, LINCEI_NE, LINCEI_LT, LINCEI_LE, LINCEI_GT, LINCEI_GE };

/* Where in a source, and into which column. */
typedef struct {
    lincei_text path;
    uint32_t into;
} lincei_extraction;

typedef struct {
    uint8_t is_error;
    union {
        lincei_mask mask;
        lincei_text error;
    };
} lincei_mask_result;

LINCEI_LAYOUT(lincei_extraction, 12);
LINCEI_LAYOUT(lincei_mask_result, 12);

#define LINCEI_KERNEL(name) LINCEI_IMPORT("kernels", name)

LINCEI_KERNEL("[resource-drop]mask") void lincei_mask_drop(lincei_mask);
LINCEI_KERNEL("[method]mask.and") lincei_mask lincei_mask_and(lincei_mask, lincei_mask);
LINCEI_KERNEL("[method]mask.or") lincei_mask lincei_mask_or(lincei_mask, lincei_mask);
LINCEI_KERNEL("[method]mask.not") lincei_mask lincei_mask_not(lincei_mask);
LINCEI_KERNEL("[method]mask.count") uint32_t lincei_mask_count(lincei_mask);
LINCEI_KERNEL("[method]mask.bits") void lincei_mask_bits(lincei_mask, lincei_bytes *);

LINCEI_KERNEL("[method]batch.mask-of")
void lincei_import_mask_of(lincei_batch, const uint8_t *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.compare")
void lincei_import_compare(lincei_batch, uint32_t, int32_t, int32_t, int64_t, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.one-of")
void lincei_import_one_of(lincei_batch, uint32_t, const lincei_text *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.contains")
void lincei_import_contains(lincei_batch, uint32_t, const char *, size_t, int32_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.starts-with")
void lincei_import_starts_with(lincei_batch, uint32_t, const char *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.ends-with")
void lincei_import_ends_with(lincei_batch, uint32_t, const char *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.matches")
void lincei_import_matches(lincei_batch, uint32_t, const char *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.present") void lincei_import_present(lincei_batch, uint32_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.sample")
void lincei_import_sample(lincei_batch, int32_t, uint32_t, double, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.keep") void lincei_import_keep(lincei_batch, lincei_mask, lincei_result *);
LINCEI_KERNEL("[method]batch.discard") void lincei_import_discard(lincei_batch, lincei_mask, lincei_result *);
LINCEI_KERNEL("[method]batch.put")
void lincei_import_put(lincei_batch, uint32_t, int32_t, int64_t, size_t, int32_t, lincei_mask, lincei_result *);
LINCEI_KERNEL("[method]batch.copy")
void lincei_import_copy(lincei_batch, uint32_t, uint32_t, int32_t, lincei_mask, lincei_result *);
LINCEI_KERNEL("[method]batch.clear")
void lincei_import_clear(lincei_batch, uint32_t, int32_t, lincei_mask, lincei_result *);
LINCEI_KERNEL("[method]batch.json")
void lincei_import_json(lincei_batch, uint32_t, const lincei_extraction *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.logfmt")
void lincei_import_logfmt(lincei_batch, uint32_t, const lincei_extraction *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.regex")
void lincei_import_regex(lincei_batch, uint32_t, const char *, size_t, const lincei_extraction *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.grok")
void lincei_import_grok(lincei_batch, uint32_t, const char *, size_t, const lincei_extraction *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.redact")
void lincei_import_redact(lincei_batch, uint32_t, const char *, size_t, const char *, size_t, lincei_mask_result *);
LINCEI_KERNEL("[method]batch.hash")
void lincei_import_hash(lincei_batch, uint32_t, const char *, size_t, int32_t, lincei_mask, lincei_result *);
LINCEI_KERNEL("[method]batch.truncate")
void lincei_import_truncate(lincei_batch, uint32_t, uint32_t, lincei_result *);
LINCEI_KERNEL("[method]batch.lowercase") void lincei_import_lowercase(lincei_batch, uint32_t, lincei_result *);

static LINCEI_UNUSED bool lincei_mask_of(lincei_mask_result result, lincei_mask *mask, lincei_text *error) {
    if (result.is_error) *error = result.error;
    else *mask = result.mask;
    return !result.is_error;
}

static LINCEI_UNUSED bool lincei_done(lincei_result result, lincei_text *error) {
    if (result.is_error) *error = result.error;
    return !result.is_error;
}

/* A kernel that gives a mask. */
#define LINCEI_MASK(name, parameters, call)                                                                  \
    static LINCEI_UNUSED bool lincei_##name parameters {                                                     \
        lincei_mask_result result;                                                                           \
        call;                                                                                                \
        return lincei_mask_of(result, mask, error);                                                          \
    }

/* A kernel that changes something; without a mask in all rows. */
#define LINCEI_CHANGE(name, parameters, call)                                                                \
    static LINCEI_UNUSED bool lincei_##name parameters {                                                     \
        lincei_result result;                                                                                \
        call;                                                                                                \
        return lincei_done(result, error);                                                                   \
    }

#define LINCEI_OUT lincei_mask *mask, lincei_text *error

/* Rows whose value compares. */
LINCEI_MASK(compare_int, (lincei_batch batch, uint32_t column, int comparison, int64_t value, LINCEI_OUT),
            lincei_import_compare(batch, column, comparison, 1, value, 0, &result))
LINCEI_MASK(compare_float, (lincei_batch batch, uint32_t column, int comparison, double value, LINCEI_OUT),
            lincei_import_compare(batch, column, comparison, 2, __builtin_bit_cast(int64_t, value), 0, &result))
LINCEI_MASK(compare_text, (lincei_batch batch, uint32_t column, int comparison, lincei_text value, LINCEI_OUT),
            lincei_import_compare(batch, column, comparison, 0, (int64_t)(uintptr_t)value.data, value.length, &result))
LINCEI_MASK(one_of, (lincei_batch batch, uint32_t column, const lincei_text *values, size_t count, LINCEI_OUT),
            lincei_import_one_of(batch, column, values, count, &result))
LINCEI_MASK(contains, (lincei_batch batch, uint32_t column, lincei_text text, bool ignore_case, LINCEI_OUT),
            lincei_import_contains(batch, column, text.data, text.length, ignore_case, &result))
LINCEI_MASK(starts_with, (lincei_batch batch, uint32_t column, lincei_text text, LINCEI_OUT),
            lincei_import_starts_with(batch, column, text.data, text.length, &result))
LINCEI_MASK(ends_with, (lincei_batch batch, uint32_t column, lincei_text text, LINCEI_OUT),
            lincei_import_ends_with(batch, column, text.data, text.length, &result))
/* Rows where a regular expression is found. */
LINCEI_MASK(matches, (lincei_batch batch, uint32_t column, lincei_text pattern, LINCEI_OUT),
            lincei_import_matches(batch, column, pattern.data, pattern.length, &result))
/* Rows that have a value. */
LINCEI_MASK(present, (lincei_batch batch, uint32_t column, LINCEI_OUT), lincei_import_present(batch, column, &result))
/* `ratio` of the rows, each for itself; or of the values of a column. */
LINCEI_MASK(sample, (lincei_batch batch, double ratio, LINCEI_OUT), lincei_import_sample(batch, 0, 0, ratio, &result))
LINCEI_MASK(sample_by, (lincei_batch batch, uint32_t column, double ratio, LINCEI_OUT),
            lincei_import_sample(batch, 1, column, ratio, &result))
/* A mask of a bitmap. */
LINCEI_MASK(mask_from, (lincei_batch batch, lincei_bytes bits, LINCEI_OUT),
            lincei_import_mask_of(batch, bits.data, bits.length, &result))
/* Each sets columns from what it finds in a text. */
LINCEI_MASK(json, (lincei_batch batch, uint32_t source, const lincei_extraction *fields, size_t count, LINCEI_OUT),
            lincei_import_json(batch, source, fields, count, &result))
LINCEI_MASK(logfmt, (lincei_batch batch, uint32_t source, const lincei_extraction *keys, size_t count, LINCEI_OUT),
            lincei_import_logfmt(batch, source, keys, count, &result))
LINCEI_MASK(regex,
            (lincei_batch batch, uint32_t source, lincei_text pattern, const lincei_extraction *groups, size_t count, LINCEI_OUT),
            lincei_import_regex(batch, source, pattern.data, pattern.length, groups, count, &result))
LINCEI_MASK(grok,
            (lincei_batch batch, uint32_t source, lincei_text pattern, const lincei_extraction *fields, size_t count, LINCEI_OUT),
            lincei_import_grok(batch, source, pattern.data, pattern.length, fields, count, &result))
/* Replaces every match of a regular expression. */
LINCEI_MASK(redact, (lincei_batch batch, uint32_t column, lincei_text pattern, lincei_text replacement, LINCEI_OUT),
            lincei_import_redact(batch, column, pattern.data, pattern.length, replacement.data, replacement.length, &result))

/* Marks all but these rows, or these rows, as dropped. */
LINCEI_CHANGE(keep_rows, (lincei_batch batch, lincei_mask mask, lincei_text *error), lincei_import_keep(batch, mask, &result))
LINCEI_CHANGE(discard_rows, (lincei_batch batch, lincei_mask mask, lincei_text *error),
              lincei_import_discard(batch, mask, &result))
/* Sets a constant. `mask` may be `NULL`. */
LINCEI_CHANGE(put_int, (lincei_batch batch, uint32_t column, int64_t value, const lincei_mask *mask, lincei_text *error),
              lincei_import_put(batch, column, 1, value, 0, mask != NULL, mask ? *mask : 0, &result))
LINCEI_CHANGE(put_text, (lincei_batch batch, uint32_t column, lincei_text value, const lincei_mask *mask, lincei_text *error),
              lincei_import_put(batch, column, 0, (int64_t)(uintptr_t)value.data, value.length, mask != NULL,
                                mask ? *mask : 0, &result))
LINCEI_CHANGE(copy_column, (lincei_batch batch, uint32_t source, uint32_t into, const lincei_mask *mask, lincei_text *error),
              lincei_import_copy(batch, source, into, mask != NULL, mask ? *mask : 0, &result))
LINCEI_CHANGE(clear_column, (lincei_batch batch, uint32_t column, const lincei_mask *mask, lincei_text *error),
              lincei_import_clear(batch, column, mask != NULL, mask ? *mask : 0, &result))
/* Replaces values by the first 32 hexadecimal digits of their HMAC-SHA-256. */
LINCEI_CHANGE(hash, (lincei_batch batch, uint32_t column, lincei_text key, const lincei_mask *mask, lincei_text *error),
              lincei_import_hash(batch, column, key.data, key.length, mask != NULL, mask ? *mask : 0, &result))
LINCEI_CHANGE(truncate_texts, (lincei_batch batch, uint32_t column, uint32_t bytes_max, lincei_text *error),
              lincei_import_truncate(batch, column, bytes_max, &result))
LINCEI_CHANGE(lowercase, (lincei_batch batch, uint32_t column, lincei_text *error),
              lincei_import_lowercase(batch, column, &result))
