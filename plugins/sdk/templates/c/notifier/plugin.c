/* Posts messages as JSON to a web hook. */
#define LINCEI_NOTIFIER
#include "lincei.h"

static lincei_text url;

static void lincei_describe(lincei_info *info) {
    info->name = LINCEI_TEXT("{{name}}");
    info->version = LINCEI_TEXT("0.1.0");
    info->description = LINCEI_TEXT("Posts messages as JSON to a web hook.");
}

static bool lincei_init(lincei_text config, lincei_text *error) {
    url = lincei_json_get_text(config, LINCEI_TEXT("url"));
    if (url.length == 0) *error = LINCEI_TEXT("url is missing");
    return url.length > 0;
}

static lincei_delivery no_answer(const lincei_http_result *result) {
    uint8_t kind = result->error.kind;
    lincei_text detail = kind == LINCEI_HTTP_TIMEOUT ? LINCEI_TEXT("no answer in time") : result->error.detail;
    /* what the rules forbid fails for good */
    uint8_t retry = kind == LINCEI_HTTP_FAILED || kind == LINCEI_HTTP_TIMEOUT;
    return (lincei_delivery){.failed = 1, .detail = detail, .retry = retry, .retry_after = 0};
}

/* Seconds; 0 for what is no number of at most six digits. */
static uint32_t seconds(lincei_text text) {
    uint32_t sum = 0;
    if (text.length > 6) return 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return 0;
        sum = sum * 10 + (uint32_t)(text.data[i] - '0');
    }
    return sum;
}

static lincei_delivery lincei_send(const lincei_message *message) {
    static const lincei_header headers[] = {{LINCEI_TEXT("content-type"), LINCEI_TEXT("application/json")}};
    lincei_buffer body = {0}, detail = {0};
    lincei_add(&body, LINCEI_TEXT("{\"subject\":"));
    lincei_add_json(&body, message->subject);
    lincei_add(&body, LINCEI_TEXT(",\"text\":"));
    lincei_add_json(&body, message->text);
    lincei_add(&body, LINCEI_TEXT("}"));
    lincei_request request = {LINCEI_TEXT("POST"), url, headers, 1, lincei_text_of(body), 0};
    lincei_http_result result = lincei_http_send(&request);
    if (result.is_error) return no_answer(&result);
    uint16_t status = result.response.status;
    if (status >= 200 && status < 300) return (lincei_delivery){.provider_id = LINCEI_TEXT("")};
    lincei_add(&detail, LINCEI_TEXT("the receiver answered "));
    lincei_add_number(&detail, status);
    lincei_delivery delivery = {.failed = 1, .detail = lincei_text_of(detail)};
    delivery.retry = status == 429 || status >= 500;
    lincei_text after;
    if (delivery.retry && lincei_header_of(&result.response, LINCEI_TEXT("retry-after"), &after))
        delivery.retry_after = seconds(after);
    return delivery;
}
