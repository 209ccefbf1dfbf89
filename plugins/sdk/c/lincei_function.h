/* Scalar functions for SQL. Included by `lincei.h`. */

enum { LINCEI_IMMUTABLE, LINCEI_STABLE, LINCEI_VOLATILE };

typedef struct {
    lincei_text name; /* in SQL: 1 to 64 of a-z, 0-9 and _, a letter first */
    lincei_text version;
    lincei_text description;
    const uint8_t *arguments; /* types of columns, at most 16 */
    size_t arguments_count;
    uint8_t returns; /* type of the result's column */
    uint8_t volatility;
} lincei_function_info;

typedef struct {
    uint8_t is_error;
    union {
        lincei_column column;
        lincei_text error;
    };
} lincei_call_result;

LINCEI_LAYOUT(lincei_function_info, 36);
LINCEI_LAYOUT(lincei_call_result, 64);

/* --- To be defined by the plugin --- */

/* Says what it is; asked once when it is installed. */
static void lincei_describe(lincei_function_info *info);

/* Adds the result of one row: exactly one value, or one missing. The arguments are the columns 0, 1, … */
static void lincei_on_row(const lincei_record *row, lincei_builder *result);

/* --- What the host calls --- */

LINCEI_EXPORT("describe") lincei_function_info *lincei_export_describe(void) {
    static lincei_function_info info;
    lincei_describe(&info);
    return &info;
}

LINCEI_EXPORT("cabi_post_describe") void lincei_post_describe(lincei_function_info *info) {
    (void)info;
    lincei_reset();
}

LINCEI_EXPORT("call") lincei_call_result *lincei_export_call(uint32_t rows, lincei_column *columns, size_t count) {
    static lincei_call_result result;
    lincei_function_info info = {0};
    lincei_describe(&info);
    /* arguments are known by their place */
    for (size_t i = 0; i < count; i++) columns[i].id = (uint32_t)i;
    lincei_frame frame = {rows, columns, count};
    lincei_builder builder = lincei_build(0, info.returns, rows);
    for (lincei_record record = {&frame, 0}; record.row < rows; record.row++) lincei_on_row(&record, &builder);
    result.is_error = 0;
    result.column = lincei_finish(&builder);
    return &result;
}

LINCEI_EXPORT("cabi_post_call") void lincei_post_call(lincei_call_result *result) {
    (void)result;
    lincei_reset();
}
