/* Suppresses the events of some services while they are deployed. */
#define LINCEI_RULE
#include "lincei.h"

/* Minutes of the day in UTC; the window goes over midnight where `from` is later. */
static uint64_t from, until;
/* An array of JSON. */
static lincei_text services;

static void lincei_describe(lincei_info *info) {
    info->name = LINCEI_TEXT("{{name}}");
    info->version = LINCEI_TEXT("0.1.0");
    info->description = LINCEI_TEXT("Suppresses the events of some services while they are deployed.");
}

/* The minute of the day of a time as 22:00. */
static bool minutes(lincei_text time, uint64_t *minute) {
    unsigned digits[5] = {0};
    if (time.length != 5 || time.data[2] != ':') return false;
    for (int i = 0; i < 5; i++) {
        if (i != 2 && (time.data[i] < '0' || time.data[i] > '9')) return false;
        digits[i] = (unsigned)(time.data[i] - '0');
    }
    *minute = (digits[0] * 10 + digits[1]) * 60 + digits[3] * 10 + digits[4];
    return digits[0] * 10 + digits[1] < 24 && digits[3] < 6;
}

static bool lincei_init(lincei_text config, lincei_text *error) {
    if (!minutes(lincei_json_get_text(config, LINCEI_TEXT("from")), &from)) {
        *error = LINCEI_TEXT("from must be a time as 22:00");
        return false;
    }
    if (!minutes(lincei_json_get_text(config, LINCEI_TEXT("until")), &until)) {
        *error = LINCEI_TEXT("until must be a time as 06:00");
        return false;
    }
    if (!lincei_json_get(config, LINCEI_TEXT("services"), &services)) services = LINCEI_TEXT("[]");
    return true;
}

static bool lincei_decide(const lincei_event *event, const lincei_context *context, lincei_actions *actions,
                          lincei_text *error) {
    (void)error;
    uint64_t minute = context->now / 60000000000 % (24 * 60);
    bool inside = from <= until ? from <= minute && minute < until : from <= minute || minute < until;
    lincei_text service, name;
    if (!inside || !lincei_label_of(event->labels, LINCEI_TEXT("service"), &service)) return true;
    for (size_t at = 0; lincei_json_item(services, &at, &name);) {
        if (!lincei_equal(lincei_json_text(name), service)) continue;
        lincei_act(actions, (lincei_action){LINCEI_SUPPRESS, .text = LINCEI_TEXT("deploy window")});
        break;
    }
    return true;
}
