/* Operators: they work on batches before these are stored. Included by `lincei.h`. */

enum { LINCEI_LOGS, LINCEI_SPANS, LINCEI_METRICS };

/* Whether an instance remembers something from one call to the next. */
enum { LINCEI_NO_MEMORY, LINCEI_INSTANCE_MEMORY };

typedef struct {
    lincei_text name;        /* 1 to 64 of a-z, 0-9 and - */
    lincei_text version;     /* the author's own, as 1.2.0 */
    lincei_text description; /* one line for people */
    const uint8_t *signals;
    size_t signals_count;
    const lincei_use *columns; /* at most 256 */
    size_t columns_count;
    uint32_t batch_hint; /* rows that it likes best in a call, 0 leaves it to the host */
    uint8_t memory;
    const lincei_text *routes; /* at most 64 */
    size_t routes_count;
} lincei_operator_info;

/* Rows that are added: copies of the rows in `source` of the batch, or empty ones where `has_source` is 0. */
typedef struct {
    uint8_t signal;
    uint8_t has_source __attribute__((aligned(4))); /* an option is aligned as what it holds */
    const uint32_t *source;
    size_t source_count;
    lincei_frame rows;
} lincei_emission;

/* What becomes of a batch. Nothing given leaves everything as it is. */
typedef struct {
    uint8_t has_keep;
    lincei_bytes keep;
    const lincei_column *set;
    size_t set_count;
    const lincei_emission *emit;
    size_t emit_count;
    uint8_t has_route;
    const uint16_t *route;
    size_t route_count;
} lincei_delta;

typedef struct {
    uint8_t is_error;
    union {
        lincei_delta delta;
        lincei_text error;
    };
} lincei_process_result;

LINCEI_LAYOUT(lincei_operator_info, 56);
LINCEI_LAYOUT(lincei_emission, 28);
LINCEI_LAYOUT(lincei_delta, 40);
LINCEI_LAYOUT(lincei_process_result, 44);

/* The rows of a call as the host holds them; see `lincei_kernels.h`. */
typedef int32_t lincei_batch;

LINCEI_IMPORT("kernels", "[resource-drop]batch") void lincei_batch_drop(lincei_batch batch);

/* Changes of one record. A column that is declared `LINCEI_READ_WRITE` stays as it is in records that do not set
 * it. A column that is declared `LINCEI_WRITE` is the plugin's own: where a record does not set it, it has no
 * value afterwards. */
typedef struct {
    const lincei_frame *frame;
    uint32_t row;
    uint32_t writers_count;
    struct lincei_writer *writers;
    uint16_t *route;
    bool undeclared;
} lincei_edit;

struct lincei_writer {
    lincei_builder builder;
    bool copies, touched;
};

/* --- To be defined by the plugin --- */

/* Says what it is; asked once when it is installed. */
static void lincei_describe(lincei_operator_info *info);

/* Makes the instance ready. Gives false, and why, if the configuration is wrong. */
static bool lincei_init(lincei_text config, lincei_text *error);

#ifdef LINCEI_BATCHES
/* Works on a batch: by its columns, or by the host's kernels. Gives false, and why, if it cannot. */
static bool lincei_process(lincei_batch batch, const lincei_frame *rows, lincei_delta *out, lincei_text *error);
#else
/* Works on one record. Gives whether it stays. */
static bool lincei_on_record(const lincei_record *record, lincei_edit *edit);
#endif

#ifdef LINCEI_REMEMBERS
/* The memory of the instance, and taking it over from another one. */
static lincei_bytes lincei_snapshot(void);
static bool lincei_restore(lincei_bytes memory, lincei_text *error);
#endif

/* --- What changes a record --- */

/* The builder of a column, filled up to the record. */
static lincei_builder *lincei_writer_of(lincei_edit *edit, uint32_t column, uint8_t type) {
    for (uint32_t i = 0; i < edit->writers_count; i++) {
        struct lincei_writer *writer = &edit->writers[i];
        if (writer->builder.id != column || writer->builder.type != type) continue;
        lincei_truncate(&writer->builder, edit->row);
        while (writer->builder.filled < edit->row) {
            lincei_record before = {edit->frame, writer->builder.filled};
            if (writer->copies) lincei_push_copy(&writer->builder, &before, column);
            else lincei_push_missing(&writer->builder);
        }
        writer->touched = true;
        return &writer->builder;
    }
    edit->undeclared = true;
    return NULL;
}

static LINCEI_UNUSED void lincei_set_text(lincei_edit *edit, uint32_t column, lincei_text value) {
    lincei_builder *builder = lincei_writer_of(edit, column, LINCEI_TEXTS);
    if (builder) lincei_push_text(builder, value);
}

static LINCEI_UNUSED void lincei_set_int(lincei_edit *edit, uint32_t column, int64_t value) {
    lincei_builder *builder = lincei_writer_of(edit, column, LINCEI_INTS);
    if (builder) lincei_push_int(builder, value);
}

static LINCEI_UNUSED void lincei_set_float(lincei_edit *edit, uint32_t column, double value) {
    lincei_builder *builder = lincei_writer_of(edit, column, LINCEI_FLOATS);
    if (builder) lincei_push_float(builder, value);
}

static LINCEI_UNUSED void lincei_set_bool(lincei_edit *edit, uint32_t column, bool value) {
    lincei_builder *builder = lincei_writer_of(edit, column, LINCEI_BOOLS);
    if (builder) lincei_push_bool(builder, value);
}

/* Takes the value of the record away. */
static LINCEI_UNUSED void lincei_clear(lincei_edit *edit, uint32_t column, uint8_t type) {
    lincei_builder *builder = lincei_writer_of(edit, column, type);
    if (builder) lincei_push_missing(builder);
}

/* Sets a map: add its entries to the builder with `lincei_push_attribute`, then `lincei_push_attributes`. */
static LINCEI_UNUSED lincei_builder *lincei_set_attributes(lincei_edit *edit, uint32_t column) {
    return lincei_writer_of(edit, column, LINCEI_ATTRIBUTES);
}

/* Sends the record to a route: its place in the list of routes from 1. */
static LINCEI_UNUSED void lincei_route(lincei_edit *edit, uint16_t route) {
    if (!edit->route) edit->route = (uint16_t *)lincei_cleared(edit->frame->rows * 2);
    edit->route[edit->row] = route;
}

/* --- What the host calls --- */

LINCEI_EXPORT("describe") lincei_operator_info *lincei_export_describe(void) {
    static lincei_operator_info info;
    lincei_describe(&info);
    return &info;
}

LINCEI_EXPORT("cabi_post_describe") void lincei_post_describe(lincei_operator_info *info) {
    (void)info;
    lincei_reset();
}

LINCEI_EXPORT("init") lincei_result *lincei_export_init(const char *config, size_t length) {
    static lincei_result result;
    result.is_error = !lincei_init((lincei_text){config, length}, &result.error);
    return &result;
}

LINCEI_EXPORT("cabi_post_init") void lincei_post_init(lincei_result *result) {
    (void)result;
    lincei_keep_all();
}

#ifndef LINCEI_BATCHES
static lincei_edit lincei_edit_of(const lincei_frame *rows, const lincei_operator_info *info) {
    lincei_edit edit = {.frame = rows, .writers = lincei_alloc(info->columns_count * sizeof(struct lincei_writer))};
    for (uint32_t i = 0; i < info->columns_count; i++) {
        const lincei_use *use = &info->columns[i];
        if (use->access == LINCEI_READ) continue;
        edit.writers[edit.writers_count++] = (struct lincei_writer){
            .builder = lincei_build(i, use->type, rows->rows),
            .copies = use->access == LINCEI_READ_WRITE,
        };
    }
    return edit;
}

static void lincei_edit_finish(lincei_edit *edit, lincei_delta *out) {
    uint32_t rows = edit->frame->rows;
    lincei_column *set = lincei_alloc(edit->writers_count * sizeof(lincei_column));
    for (uint32_t i = 0; i < edit->writers_count; i++) {
        struct lincei_writer *writer = &edit->writers[i];
        if (!writer->touched && writer->copies) continue;
        for (lincei_record left = {edit->frame, writer->builder.filled}; writer->copies && left.row < rows; left.row++)
            lincei_push_copy(&writer->builder, &left, writer->builder.id);
        set[out->set_count++] = lincei_finish(&writer->builder);
    }
    out->set = set;
    if (edit->route) out->has_route = 1, out->route = edit->route, out->route_count = rows;
}

static bool lincei_process(lincei_batch batch, const lincei_frame *rows, lincei_delta *out, lincei_text *error) {
    (void)batch;
    lincei_operator_info info = {0};
    lincei_describe(&info);
    lincei_edit edit = lincei_edit_of(rows, &info);
    size_t bitmap = (rows->rows + 7) / 8;
    uint8_t *keep = lincei_cleared(bitmap);
    for (lincei_record record = {rows, 0}; record.row < rows->rows; record.row++) {
        edit.row = record.row;
        if (lincei_on_record(&record, &edit)) keep[record.row / 8] |= (uint8_t)(1u << (record.row % 8));
        else out->has_keep = 1;
    }
    if (edit.undeclared) {
        *error = LINCEI_TEXT("a column was set that is not declared as written, or with a value of another type");
        return false;
    }
    if (out->has_keep) out->keep = (lincei_bytes){keep, bitmap};
    lincei_edit_finish(&edit, out);
    return true;
}
#endif

LINCEI_EXPORT("process")
lincei_process_result *lincei_export_process(lincei_batch batch, uint32_t rows, const lincei_column *columns, size_t count) {
    static lincei_process_result result;
    lincei_frame frame = {rows, columns, count};
    lincei_delta delta = {0};
    lincei_text error = LINCEI_TEXT("");
    if (lincei_process(batch, &frame, &delta, &error)) {
        result.is_error = 0;
        result.delta = delta;
    } else {
        result.is_error = 1;
        result.error = error;
    }
    lincei_batch_drop(batch); /* it is borrowed: the call may not end with it */
    return &result;
}

LINCEI_EXPORT("cabi_post_process") void lincei_post_process(lincei_process_result *result) {
    (void)result;
    lincei_reset();
}

LINCEI_EXPORT("snapshot") lincei_bytes *lincei_export_snapshot(void) {
    static lincei_bytes memory;
#ifdef LINCEI_REMEMBERS
    memory = lincei_snapshot();
#endif
    return &memory;
}

LINCEI_EXPORT("cabi_post_snapshot") void lincei_post_snapshot(lincei_bytes *memory) {
    (void)memory;
    lincei_reset();
}

LINCEI_EXPORT("restore") lincei_result *lincei_export_restore(const uint8_t *memory, size_t length) {
    static lincei_result result;
#ifdef LINCEI_REMEMBERS
    result.is_error = !lincei_restore((lincei_bytes){memory, length}, &result.error);
#else
    (void)memory, (void)length;
#endif
    return &result;
}

LINCEI_EXPORT("cabi_post_restore") void lincei_post_restore(lincei_result *result) {
    (void)result;
    lincei_reset();
}

#include "lincei_host.h"
#include "lincei_kernels.h"
