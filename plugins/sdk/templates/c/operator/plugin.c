/* Drops what is below INFO, measures bodies, and classes failed requests. */
#define LINCEI_OPERATOR
#include "lincei.h"

enum { SEVERITY, BODY, STATUS, BODY_LENGTH, ERROR_CLASS };

static const lincei_use columns[] = {
    [SEVERITY] = {LINCEI_TEXT("severity_number"), LINCEI_INTS, LINCEI_READ},
    [BODY] = {LINCEI_TEXT("body"), LINCEI_TEXTS, LINCEI_READ},
    [STATUS] = {LINCEI_TEXT("attributes.http.response.status_code"), LINCEI_INTS, LINCEI_READ},
    [BODY_LENGTH] = {LINCEI_TEXT("attributes.body.length"), LINCEI_INTS, LINCEI_WRITE},
    /* read, too, so that records that do not set it keep the class they have */
    [ERROR_CLASS] = {LINCEI_TEXT("attributes.error.class"), LINCEI_TEXTS, LINCEI_READ_WRITE},
};

static const uint8_t signals[] = {LINCEI_LOGS};

static void lincei_describe(lincei_operator_info *info) {
    info->name = LINCEI_TEXT("{{name}}");
    info->version = LINCEI_TEXT("0.1.0");
    info->description = LINCEI_TEXT("Drops what is below INFO, measures bodies, and classes failed requests.");
    info->signals = signals;
    info->signals_count = sizeof signals;
    info->columns = columns;
    info->columns_count = sizeof columns / sizeof *columns;
}

static bool lincei_init(lincei_text config, lincei_text *error) {
    (void)config, (void)error;
    return true;
}

static bool lincei_on_record(const lincei_record *record, lincei_edit *edit) {
    int64_t severity, status;
    lincei_text body;
    /* 0 stands for unknown */
    if (lincei_get_int(record, SEVERITY, &severity) && severity >= 1 && severity <= 8) return false;
    if (lincei_get_text(record, BODY, &body)) lincei_set_int(edit, BODY_LENGTH, (int64_t)body.length);
    if (lincei_get_int(record, STATUS, &status) && status >= 400)
        lincei_set_text(edit, ERROR_CLASS, status >= 500 ? LINCEI_TEXT("server") : LINCEI_TEXT("client"));
    return true;
}
