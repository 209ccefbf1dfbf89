/* Rules, notifiers and escalations. Included by `lincei.h`. Times are nanoseconds since the Unix epoch, UTC;
 * 0 stands for none. */

typedef struct {
    lincei_text key, value;
} lincei_label;

typedef struct {
    const lincei_label *data;
    size_t count;
} lincei_labels;

enum { LINCEI_SEVERITY_CRITICAL, LINCEI_SEVERITY_ERROR, LINCEI_SEVERITY_WARNING, LINCEI_SEVERITY_INFO };
enum { LINCEI_ALERT_FIRING, LINCEI_ALERT_ACKNOWLEDGED, LINCEI_ALERT_RESOLVED, LINCEI_ALERT_SUPPRESSED };
enum { LINCEI_INCIDENT_TRIGGERED, LINCEI_INCIDENT_ACKNOWLEDGED, LINCEI_INCIDENT_RESOLVED };

typedef struct {
    lincei_text id;
    uint64_t received;
    lincei_text integration, summary, source;
    uint8_t severity;
    lincei_labels labels;
    lincei_text body; /* as it was sent, as JSON */
} lincei_event;

typedef struct {
    lincei_text id, key;
    uint8_t status, severity;
    lincei_text summary, service;
    lincei_labels labels;
    uint64_t started, last_event, events;
} lincei_alert;

typedef struct {
    lincei_text id;
    uint64_t number;
    lincei_text title;
    uint8_t status, severity;
    lincei_text service;
    lincei_labels labels;
    uint64_t created, acknowledged;
    const lincei_text *responders;
    size_t responders_count;
    const lincei_alert *alerts;
    size_t alerts_count;
} lincei_incident;

typedef struct {
    uint64_t at;
    lincei_text kind, actor, detail;
} lincei_occurrence;

typedef struct {
    lincei_text name, version, description;
} lincei_info;

LINCEI_LAYOUT(lincei_event, 64);
LINCEI_LAYOUT(lincei_alert, 72);
LINCEI_LAYOUT(lincei_incident, 80);
LINCEI_LAYOUT(lincei_occurrence, 32);
LINCEI_LAYOUT(lincei_info, 24);

/* The value of a label, of several with one key the first. */
static LINCEI_UNUSED bool lincei_label_of(lincei_labels labels, lincei_text key, lincei_text *value) {
    for (size_t i = 0; i < labels.count; i++) {
        if (lincei_equal(labels.data[i].key, key)) {
            *value = labels.data[i].value;
            return true;
        }
    }
    return false;
}

#include "lincei_host.h"

/* --- To be defined by the plugin --- */

/* Says what it is; asked once when it is installed. */
static void lincei_describe(lincei_info *info);

/* Makes the instance ready. Gives false, and why, if the configuration is wrong. */
static bool lincei_init(lincei_text config, lincei_text *error);

/* --- What the host calls --- */

LINCEI_EXPORT("describe") lincei_info *lincei_export_describe(void) {
    static lincei_info info;
    lincei_describe(&info);
    return &info;
}

LINCEI_EXPORT("cabi_post_describe") void lincei_post_describe(lincei_info *info) {
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

#ifdef LINCEI_RULE

typedef struct {
    uint64_t now;
    lincei_text time_zone;
    uint8_t has_alert;
    lincei_alert alert; /* that the event's key belongs to */
    lincei_bytes memory; /* what the last `LINCEI_REMEMBER` kept for the event's key */
} lincei_context;

/* Kinds of actions, and which member of `lincei_action` says more. */
enum {
    LINCEI_SET_SUMMARY,  /* text */
    LINCEI_SET_SEVERITY, /* severity */
    LINCEI_SET_SERVICE,  /* text */
    LINCEI_SET_KEY,      /* text */
    LINCEI_SET_LABEL,    /* label */
    LINCEI_ROUTE_TO,     /* text */
    LINCEI_SUPPRESS,     /* text */
    LINCEI_SUSPEND,      /* seconds */
    LINCEI_TRIGGER,
    LINCEI_RECOVER,
    LINCEI_DROP, /* text */
    LINCEI_REMEMBER, /* bytes */
    LINCEI_STOP,
};

typedef struct {
    uint8_t kind;
    union {
        lincei_text text;
        uint8_t severity;
        lincei_label label;
        uint32_t seconds;
        lincei_bytes bytes;
    };
} lincei_action;

/* Actions in their order; at most 32. */
typedef struct {
    lincei_action actions[32];
    size_t count;
} lincei_actions;

typedef struct {
    uint8_t is_error;
    union {
        struct { const lincei_action *data; size_t count; } actions;
        lincei_text error;
    };
} lincei_decide_result;

LINCEI_LAYOUT(lincei_context, 104);
LINCEI_LAYOUT(lincei_action, 20);
LINCEI_LAYOUT(lincei_decide_result, 12);

/* To be defined by the plugin: what is to be done with an event. Gives false, and why, if it cannot say. */
static bool lincei_decide(const lincei_event *event, const lincei_context *context, lincei_actions *actions,
                          lincei_text *error);

/* Adds an action; beyond the 32nd nothing happens. */
static LINCEI_UNUSED void lincei_act(lincei_actions *actions, lincei_action action) {
    if (actions->count < 32) actions->actions[actions->count++] = action;
}

typedef struct {
    lincei_event event;
    lincei_context context;
} lincei_decide_arguments;

LINCEI_EXPORT("decide") lincei_decide_result *lincei_export_decide(const lincei_decide_arguments *arguments) {
    static lincei_decide_result result;
    static lincei_actions actions;
    lincei_text error = LINCEI_TEXT("");
    actions.count = 0;
    result.is_error = !lincei_decide(&arguments->event, &arguments->context, &actions, &error);
    if (result.is_error) result.error = error;
    else result.actions.data = actions.actions, result.actions.count = actions.count;
    return &result;
}

LINCEI_EXPORT("cabi_post_decide") void lincei_post_decide(lincei_decide_result *result) {
    (void)result;
    lincei_reset();
}

#endif

#ifdef LINCEI_NOTIFIER

typedef struct {
    lincei_text id; /* the same when one message is tried again */
    uint32_t attempt; /* from 1 */
    lincei_text target, subject, text, url;
    uint8_t has_incident __attribute__((aligned(8))); /* an option is aligned as what it holds */
    lincei_incident incident;
} lincei_message;

/* `provider_id` where it was delivered, the rest where not. */
typedef struct {
    uint8_t failed;
    union {
        lincei_text provider_id;
        struct {
            lincei_text detail;
            uint8_t retry;        /* whether it can help to try again */
            uint32_t retry_after; /* in seconds; 0 leaves it to the host */
        };
    };
} lincei_delivery;

LINCEI_LAYOUT(lincei_message, 136);
LINCEI_LAYOUT(lincei_delivery, 20);

/* To be defined by the plugin: delivers a message. */
static lincei_delivery lincei_send(const lincei_message *message);

LINCEI_EXPORT("send") lincei_delivery *lincei_export_send(const lincei_message *message) {
    static lincei_delivery delivery;
    delivery = lincei_send(message);
    return &delivery;
}

LINCEI_EXPORT("cabi_post_send") void lincei_post_send(lincei_delivery *delivery) {
    (void)delivery;
    lincei_reset();
}

#endif

#ifdef LINCEI_ESCALATION

enum { LINCEI_PERSON, LINCEI_SCHEDULE, LINCEI_TEAM, LINCEI_CHANNEL };

typedef struct {
    uint8_t kind;
    lincei_text name;
} lincei_target;

/* Kinds of steps, and which member of `lincei_step` says more. */
enum {
    LINCEI_PAGE_TARGETS, /* page */
    LINCEI_WAIT,         /* seconds, at least 10 */
    LINCEI_PASS,
    LINCEI_STOP, /* text */
};

typedef struct {
    uint8_t kind;
    union {
        struct {
            const lincei_target *targets;
            size_t targets_count;
            lincei_text note;
            uint32_t next_after; /* in seconds, at least 10 */
        } page;
        uint32_t seconds;
        lincei_text text;
    };
} lincei_step;

typedef struct {
    uint64_t now;
    lincei_text time_zone;
    uint32_t step; /* how often this plugin was asked for this incident before */
    const lincei_occurrence *occurrences;
    size_t occurrences_count;
} lincei_history;

typedef struct {
    uint8_t is_error;
    union {
        lincei_step step;
        lincei_text error;
    };
} lincei_next_result;

LINCEI_LAYOUT(lincei_target, 12);
LINCEI_LAYOUT(lincei_step, 24);
LINCEI_LAYOUT(lincei_history, 32);
LINCEI_LAYOUT(lincei_next_result, 28);

/* To be defined by the plugin: the next step. Gives false, and why, if it cannot say. */
static bool lincei_next(const lincei_incident *incident, const lincei_history *history, lincei_step *step,
                        lincei_text *error);

typedef struct {
    lincei_incident incident;
    lincei_history history;
} lincei_next_arguments;

LINCEI_EXPORT("next") lincei_next_result *lincei_export_next(const lincei_next_arguments *arguments) {
    static lincei_next_result result;
    lincei_step step = {.kind = LINCEI_PASS};
    lincei_text error = LINCEI_TEXT("");
    result.is_error = !lincei_next(&arguments->incident, &arguments->history, &step, &error);
    if (result.is_error) result.error = error;
    else result.step = step;
    return &result;
}

LINCEI_EXPORT("cabi_post_next") void lincei_post_next(lincei_next_result *result) {
    (void)result;
    lincei_reset();
}

#endif
