/* Does what the number of rows says: 2 a trap, 3 an endless loop, 4 a second of work; else nothing. */
#define LINCEI_OPERATOR
#define LINCEI_BATCHES
#include "lincei.h"

/* Steps of a second, about. */
#define WORK 500000000u

static const uint8_t signals[] = {LINCEI_LOGS, LINCEI_SPANS};

static void lincei_describe(lincei_operator_info *info) {
    info->name = LINCEI_TEXT("moody");
    info->version = LINCEI_TEXT("1.0.0");
    info->description = LINCEI_TEXT("Does what the number of rows says.");
    info->signals = signals, info->signals_count = 2;
}

static bool lincei_init(lincei_text config, lincei_text *error) {
    (void)config, (void)error;
    return true;
}

static bool lincei_process(lincei_batch batch, const lincei_frame *rows, lincei_delta *out, lincei_text *error) {
    (void)batch, (void)out, (void)error;
    static volatile uint32_t state = 1;
    if (rows->rows == 2) __builtin_trap();
    while (rows->rows == 3) state++;
    if (rows->rows == 4) for (uint32_t step = 0; step < WORK; step++) state = state * 1664525u + 1013904223u;
    return true;
}
