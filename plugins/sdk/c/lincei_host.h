/* What the host does for some kinds of plugins. Included by the headers of the kinds. */

#if defined(LINCEI_OPERATOR) || defined(LINCEI_RULE) || defined(LINCEI_ESCALATION)
LINCEI_IMPORT("metrics", "count") void lincei_metrics_count(const char *name, size_t length, uint64_t by);
LINCEI_IMPORT("metrics", "gauge") void lincei_metrics_gauge(const char *name, size_t length, double value);

/* Adds to a counter of the plugin's own. */
static LINCEI_UNUSED void lincei_count(lincei_text name, uint64_t by) {
    lincei_metrics_count(name.data, name.length, by);
}

/* Sets a gauge of the plugin's own. */
static LINCEI_UNUSED void lincei_gauge(lincei_text name, double value) {
    lincei_metrics_gauge(name.data, name.length, value);
}
#endif

#ifdef LINCEI_OPERATOR
/* Nanoseconds since the Unix epoch, UTC. */
LINCEI_IMPORT("clock", "now") uint64_t lincei_now(void);
#endif

#if defined(LINCEI_OPERATOR) || defined(LINCEI_NOTIFIER)
typedef struct {
    uint8_t is_some;
    lincei_bytes value;
} lincei_option_bytes;

typedef struct {
    uint8_t is_error;
    uint8_t kind __attribute__((aligned(4)));
    lincei_text detail;
} lincei_state_set_result;

typedef struct {
    uint8_t is_error;
    union {
        int64_t sum;
        struct { uint8_t kind; lincei_text detail; } error;
    };
} lincei_state_add_result;

LINCEI_LAYOUT(lincei_option_bytes, 12);
LINCEI_LAYOUT(lincei_state_set_result, 16);
LINCEI_LAYOUT(lincei_state_add_result, 24);

LINCEI_IMPORT("state", "get") void lincei_import_state_get(const char *, size_t, lincei_option_bytes *);
LINCEI_IMPORT("state", "set")
void lincei_import_state_set(const char *, size_t, const uint8_t *, size_t, lincei_state_set_result *);
LINCEI_IMPORT("state", "delete") int32_t lincei_import_state_delete(const char *, size_t);
LINCEI_IMPORT("state", "add") void lincei_import_state_add(const char *, size_t, int64_t, lincei_state_add_result *);

/* The value of a key that outlives the instance. Gives whether there is one. */
static LINCEI_UNUSED bool lincei_state_get(lincei_text key, lincei_bytes *value) {
    lincei_option_bytes result;
    lincei_import_state_get(key.data, key.length, &result);
    if (result.is_some) *value = result.value;
    return result.is_some;
}

/* Sets it. Gives false, and why, where the plugin may not keep more, or the key is none. */
static LINCEI_UNUSED bool lincei_state_set(lincei_text key, lincei_bytes value, lincei_text *error) {
    lincei_state_set_result result;
    lincei_import_state_set(key.data, key.length, value.data, value.length, &result);
    if (result.is_error) *error = result.detail;
    return !result.is_error;
}

/* Forgets it. Gives whether there was one. */
static LINCEI_UNUSED bool lincei_state_delete(lincei_text key) {
    return lincei_import_state_delete(key.data, key.length) != 0;
}

/* Adds to the number that is kept under a key. */
static LINCEI_UNUSED bool lincei_state_add(lincei_text key, int64_t by, int64_t *sum, lincei_text *error) {
    lincei_state_add_result result;
    lincei_import_state_add(key.data, key.length, by, &result);
    if (result.is_error) *error = result.error.detail;
    else *sum = result.sum;
    return !result.is_error;
}
#endif

#ifdef LINCEI_NOTIFIER
typedef struct {
    lincei_text name, value;
} lincei_header;

typedef struct {
    lincei_text method, url;
    const lincei_header *headers;
    size_t headers_count;
    lincei_text body;
    uint32_t timeout_ms; /* 1 to 30,000; 0 for 10,000 */
} lincei_request;

typedef struct {
    uint16_t status;
    const lincei_header *headers;
    size_t headers_count;
    lincei_text body;
} lincei_response;

enum { LINCEI_HTTP_DENIED, LINCEI_HTTP_INVALID, LINCEI_HTTP_FAILED, LINCEI_HTTP_TIMEOUT };

typedef struct {
    uint8_t is_error;
    union {
        lincei_response response;
        struct { uint8_t kind; lincei_text detail; } error;
    };
} lincei_http_result;

LINCEI_LAYOUT(lincei_response, 20);
LINCEI_LAYOUT(lincei_http_result, 24);

LINCEI_IMPORT("http", "send")
void lincei_import_http_send(const char *, size_t, const char *, size_t, const lincei_header *, size_t, const char *,
                             size_t, uint32_t, lincei_http_result *);
LINCEI_IMPORT("secrets", "exists") int32_t lincei_import_secrets_exists(const char *, size_t);

/* Sends a request. `is_error` says whether there was no answer. */
static LINCEI_UNUSED lincei_http_result lincei_http_send(const lincei_request *request) {
    lincei_http_result result;
    lincei_import_http_send(request->method.data, request->method.length, request->url.data, request->url.length,
                            request->headers, request->headers_count, request->body.data, request->body.length,
                            request->timeout_ms, &result);
    return result;
}

/* The value of a header of an answer; names have no case. */
static LINCEI_UNUSED bool lincei_header_of(const lincei_response *response, lincei_text name, lincei_text *value) {
    for (size_t i = 0; i < response->headers_count; i++) {
        lincei_text found = response->headers[i].name;
        size_t same = 0;
        while (found.length == name.length && same < name.length) {
            char a = found.data[same], b = name.data[same];
            if (a >= 'A' && a <= 'Z') a |= 32;
            if (b >= 'A' && b <= 'Z') b |= 32;
            if (a != b) break;
            same++;
        }
        if (found.length == name.length && same == name.length) {
            *value = response->headers[i].value;
            return true;
        }
    }
    return false;
}

/* Whether `${secret:NAME}` can be used. */
static LINCEI_UNUSED bool lincei_secret_exists(lincei_text name) {
    return lincei_import_secrets_exists(name.data, name.length) != 0;
}
#endif
