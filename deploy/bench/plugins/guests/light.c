/* Drops what is below INFO: one column of integers in, a bitmap out. */
#define LINCEI_OPERATOR
#define LINCEI_BATCHES
#include "lincei.h"

static const lincei_use columns[] = {{LINCEI_TEXT("severity_number"), LINCEI_INTS, LINCEI_READ}};
static const uint8_t signals[] = {LINCEI_LOGS};

static void lincei_describe(lincei_operator_info *info) {
    info->name = LINCEI_TEXT("light");
    info->version = LINCEI_TEXT("1.0.0");
    info->description = LINCEI_TEXT("Drops what is below INFO.");
    info->signals = signals, info->signals_count = 1;
    info->columns = columns, info->columns_count = 1;
}

static bool lincei_init(lincei_text config, lincei_text *error) {
    (void)config, (void)error;
    return true;
}

static bool lincei_process(lincei_batch batch, const lincei_frame *rows, lincei_delta *out, lincei_text *error) {
    (void)batch, (void)error;
    const int64_t *severities = rows->columns[0].values.ints.data;
    size_t bytes = (rows->rows + 7) / 8;
    uint8_t *keep = lincei_cleared(bytes);
    for (uint32_t row = 0; row < rows->rows; row++) keep[row / 8] |= (uint8_t)((severities[row] > 8) << (row % 8));
    out->has_keep = 1, out->keep = (lincei_bytes){keep, bytes};
    return true;
}
