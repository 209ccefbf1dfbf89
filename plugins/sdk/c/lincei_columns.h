/* Columns: how values are read, and how new ones are built. Included by `lincei.h`. */

/* Types of columns. Points in time are `LINCEI_INTS`: nanoseconds since the Unix epoch, UTC. */
enum { LINCEI_TEXTS, LINCEI_INTS, LINCEI_FLOATS, LINCEI_BOOLS, LINCEI_ATTRIBUTES };

/* What a plugin does with a column. */
enum { LINCEI_READ, LINCEI_WRITE, LINCEI_READ_WRITE };

typedef struct {
    const uint32_t *offsets;
    size_t offsets_count;
    const char *bytes;
    size_t bytes_count;
} lincei_texts;

typedef struct {
    const uint32_t *offsets;
    size_t offsets_count;
    lincei_texts keys, values;
} lincei_attributes;

typedef struct {
    uint8_t type;
    union {
        lincei_texts texts;
        struct { const int64_t *data; size_t count; } ints;
        struct { const double *data; size_t count; } floats;
        lincei_bytes bools;
        lincei_attributes attributes;
    };
} lincei_values;

typedef struct {
    uint32_t id;
    uint8_t has_valid;
    lincei_bytes valid;
    lincei_values values;
} lincei_column;

typedef struct {
    uint32_t rows;
    const lincei_column *columns;
    size_t columns_count;
} lincei_frame;

/* A column that the plugin uses, as `{LINCEI_TEXT("body"), LINCEI_TEXTS, LINCEI_READ}`. Its id is its place. */
typedef struct {
    lincei_text path;
    uint8_t type;
    uint8_t access;
} lincei_use;

LINCEI_LAYOUT(lincei_texts, 16);
LINCEI_LAYOUT(lincei_attributes, 40);
LINCEI_LAYOUT(lincei_values, 44);
LINCEI_LAYOUT(lincei_column, 60);
LINCEI_LAYOUT(lincei_frame, 12);
LINCEI_LAYOUT(lincei_use, 12);

/* One row of a frame. */
typedef struct {
    const lincei_frame *frame;
    uint32_t row;
} lincei_record;

static bool lincei_bit(const uint8_t *bits, uint32_t row) { return bits[row / 8] >> (row % 8) & 1; }

static const lincei_column *lincei_find(const lincei_frame *frame, uint32_t id) {
    for (size_t i = 0; i < frame->columns_count; i++) {
        if (frame->columns[i].id == id) return &frame->columns[i];
    }
    return NULL;
}

/* The column if the row has a value of this type in it. */
static const lincei_values *lincei_at(const lincei_record *record, uint32_t id, uint8_t type) {
    const lincei_column *column = lincei_find(record->frame, id);
    if (!column || column->values.type != type) return NULL;
    if (column->has_valid && !lincei_bit(column->valid.data, record->row)) return NULL;
    return &column->values;
}

static lincei_text lincei_entry(const lincei_texts *texts, uint32_t row) {
    uint32_t from = texts->offsets[row], until = texts->offsets[row + 1];
    return (lincei_text){texts->bytes + from, until - from};
}

/* Each gives whether the record has a value in the column, and the value. */
static LINCEI_UNUSED bool lincei_get_text(const lincei_record *record, uint32_t column, lincei_text *value) {
    const lincei_values *values = lincei_at(record, column, LINCEI_TEXTS);
    if (values) *value = lincei_entry(&values->texts, record->row);
    return values != NULL;
}

static LINCEI_UNUSED bool lincei_get_int(const lincei_record *record, uint32_t column, int64_t *value) {
    const lincei_values *values = lincei_at(record, column, LINCEI_INTS);
    if (values) *value = values->ints.data[record->row];
    return values != NULL;
}

static LINCEI_UNUSED bool lincei_get_float(const lincei_record *record, uint32_t column, double *value) {
    const lincei_values *values = lincei_at(record, column, LINCEI_FLOATS);
    if (values) *value = values->floats.data[record->row];
    return values != NULL;
}

static LINCEI_UNUSED bool lincei_get_bool(const lincei_record *record, uint32_t column, bool *value) {
    const lincei_values *values = lincei_at(record, column, LINCEI_BOOLS);
    if (values) *value = lincei_bit(values->bools.data, record->row);
    return values != NULL;
}

/* The next entry of a map, in its order. `at` starts with 0. */
static LINCEI_UNUSED bool lincei_next_attribute(const lincei_record *record, uint32_t column, size_t *at,
                                                lincei_text *key, lincei_text *value) {
    const lincei_values *values = lincei_at(record, column, LINCEI_ATTRIBUTES);
    if (!values) return false;
    const lincei_attributes *map = &values->attributes;
    size_t entry = map->offsets[record->row] + *at;
    if (entry >= map->offsets[record->row + 1]) return false;
    *key = lincei_entry(&map->keys, (uint32_t)entry);
    *value = lincei_entry(&map->values, (uint32_t)entry);
    ++*at;
    return true;
}

/* --- Columns that are built row by row --- */

typedef struct {
    uint32_t *offsets;
    size_t offsets_count, offsets_capacity;
    lincei_buffer bytes;
} lincei_texts_builder;

/* A column of `rows` rows, filled from the first to the last. */
typedef struct {
    uint32_t id, rows, filled;
    uint8_t type;
    bool missing;
    uint8_t *valid;
    union {
        int64_t *ints;
        double *floats;
        uint8_t *bools;
    };
    uint32_t *entries; /* of a map: where those of each row begin */
    lincei_texts_builder texts, values; /* of a map: its keys, its values */
} lincei_builder;

static void lincei_texts_push(lincei_texts_builder *texts, lincei_text text) {
    if (texts->offsets_count == texts->offsets_capacity) {
        size_t capacity = texts->offsets_capacity * 2 + 16;
        texts->offsets = lincei_realloc(texts->offsets, texts->offsets_capacity * 4, 4, capacity * 4);
        texts->offsets_capacity = capacity;
    }
    if (texts->offsets_count == 0) texts->offsets[texts->offsets_count++] = 0;
    if (texts->offsets_count == texts->offsets_capacity) {
        texts->offsets = lincei_realloc(texts->offsets, texts->offsets_capacity * 4, 4, texts->offsets_capacity * 8);
        texts->offsets_capacity *= 2;
    }
    lincei_add(&texts->bytes, text);
    texts->offsets[texts->offsets_count++] = (uint32_t)texts->bytes.length;
}

/* Goes back to `count` texts. */
static void lincei_texts_truncate(lincei_texts_builder *texts, size_t count) {
    if (texts->offsets_count <= count + 1) return;
    texts->offsets_count = count + 1;
    texts->bytes.length = texts->offsets[count];
}

static lincei_texts lincei_texts_finish(lincei_texts_builder *texts) {
    if (texts->offsets_count == 0) {
        static const uint32_t none[1] = {0};
        return (lincei_texts){none, 1, (const char *)1, 0};
    }
    lincei_text bytes = lincei_text_of(texts->bytes);
    return (lincei_texts){texts->offsets, texts->offsets_count, bytes.data, bytes.length};
}

static uint8_t *lincei_cleared(size_t bytes) {
    uint8_t *start = lincei_alloc(bytes);
    if (bytes) __builtin_memset(start, 0, bytes);
    return start;
}

static LINCEI_UNUSED lincei_builder lincei_build(uint32_t id, uint8_t type, uint32_t rows) {
    lincei_builder builder = {.id = id, .rows = rows, .type = type, .valid = lincei_cleared((rows + 7) / 8)};
    if (type == LINCEI_BOOLS) builder.bools = lincei_cleared((rows + 7) / 8);
    else if (type == LINCEI_INTS || type == LINCEI_FLOATS) builder.ints = (int64_t *)lincei_cleared(rows * 8);
    else if (type == LINCEI_ATTRIBUTES) builder.entries = (uint32_t *)lincei_cleared((rows + 1) * 4);
    /* most texts are short; a column that has more grows */
    builder.texts.offsets_capacity = type == LINCEI_TEXTS ? rows + 1 : 0;
    builder.texts.offsets = lincei_alloc(builder.texts.offsets_capacity * 4);
    return builder;
}

static void lincei_builder_valid(lincei_builder *builder, bool valid) {
    uint8_t bit = (uint8_t)(1u << (builder->filled % 8)), *byte = &builder->valid[builder->filled / 8];
    *byte = valid ? *byte | bit : *byte & (uint8_t)~bit;
    builder->missing |= !valid;
    builder->filled++;
    if (builder->entries) {
        size_t count = builder->texts.offsets_count;
        builder->entries[builder->filled] = count ? (uint32_t)count - 1 : 0;
    }
}

/* Adds the next row without a value. */
static LINCEI_UNUSED void lincei_push_missing(lincei_builder *builder) {
    if (builder->type == LINCEI_TEXTS) lincei_texts_push(&builder->texts, LINCEI_TEXT(""));
    lincei_builder_valid(builder, false);
}

static LINCEI_UNUSED void lincei_push_text(lincei_builder *builder, lincei_text value) {
    lincei_texts_push(&builder->texts, value);
    lincei_builder_valid(builder, true);
}

static LINCEI_UNUSED void lincei_push_int(lincei_builder *builder, int64_t value) {
    builder->ints[builder->filled] = value;
    lincei_builder_valid(builder, true);
}

static LINCEI_UNUSED void lincei_push_float(lincei_builder *builder, double value) {
    builder->floats[builder->filled] = value;
    lincei_builder_valid(builder, true);
}

static LINCEI_UNUSED void lincei_push_bool(lincei_builder *builder, bool value) {
    uint8_t bit = (uint8_t)(1u << (builder->filled % 8)), *byte = &builder->bools[builder->filled / 8];
    *byte = value ? *byte | bit : *byte & (uint8_t)~bit;
    lincei_builder_valid(builder, true);
}

/* An entry of the map of the next row; `lincei_push_attributes` ends the row. */
static LINCEI_UNUSED void lincei_push_attribute(lincei_builder *builder, lincei_text key, lincei_text value) {
    lincei_texts_push(&builder->texts, key);
    lincei_texts_push(&builder->values, value);
}

static LINCEI_UNUSED void lincei_push_attributes(lincei_builder *builder) { lincei_builder_valid(builder, true); }

/* Adds the next row with the value that it has in a column of a frame. */
static LINCEI_UNUSED void lincei_push_copy(lincei_builder *builder, const lincei_record *record, uint32_t column) {
    const lincei_values *values = lincei_at(record, column, builder->type);
    if (!values) {
        lincei_push_missing(builder);
        return;
    }
    lincei_text key, value;
    size_t at = 0;
    switch (builder->type) {
    case LINCEI_TEXTS: lincei_push_text(builder, lincei_entry(&values->texts, record->row)); break;
    case LINCEI_INTS: lincei_push_int(builder, values->ints.data[record->row]); break;
    case LINCEI_FLOATS: lincei_push_float(builder, values->floats.data[record->row]); break;
    case LINCEI_BOOLS: lincei_push_bool(builder, lincei_bit(values->bools.data, record->row)); break;
    default:
        while (lincei_next_attribute(record, column, &at, &key, &value)) lincei_push_attribute(builder, key, value);
        lincei_push_attributes(builder);
    }
}

/* Goes back to `rows` rows. */
static LINCEI_UNUSED void lincei_truncate(lincei_builder *builder, uint32_t rows) {
    if (builder->filled <= rows) return;
    builder->filled = rows;
    size_t texts = builder->entries ? builder->entries[rows] : rows;
    lincei_texts_truncate(&builder->texts, texts);
    lincei_texts_truncate(&builder->values, texts);
}

/* The column, with rows that lack as missing. */
static LINCEI_UNUSED lincei_column lincei_finish(lincei_builder *builder) {
    while (builder->filled < builder->rows) lincei_push_missing(builder);
    lincei_column column = {.id = builder->id, .has_valid = builder->missing, .values.type = builder->type};
    size_t bitmap = (builder->rows + 7) / 8;
    if (builder->missing) column.valid = (lincei_bytes){builder->valid, bitmap};
    switch (builder->type) {
    case LINCEI_TEXTS: column.values.texts = lincei_texts_finish(&builder->texts); break;
    case LINCEI_INTS: column.values.ints.data = builder->ints, column.values.ints.count = builder->rows; break;
    case LINCEI_FLOATS: column.values.floats.data = builder->floats, column.values.floats.count = builder->rows; break;
    case LINCEI_BOOLS: column.values.bools = (lincei_bytes){builder->bools, bitmap}; break;
    default:
        column.values.attributes = (lincei_attributes){builder->entries, (size_t)builder->rows + 1,
            lincei_texts_finish(&builder->texts), lincei_texts_finish(&builder->values)};
    }
    return column;
}
