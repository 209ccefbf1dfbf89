/* Pages the last committer first. */
#define LINCEI_ESCALATION
#include "lincei.h"

static void lincei_describe(lincei_info *info) {
    info->name = LINCEI_TEXT("{{name}}");
    info->version = LINCEI_TEXT("0.1.0");
    info->description = LINCEI_TEXT("Pages the last committer first.");
}

static bool lincei_init(lincei_text config, lincei_text *error) {
    (void)config, (void)error;
    return true;
}

static bool lincei_next(const lincei_incident *incident, const lincei_history *history, lincei_step *step,
                        lincei_text *error) {
    (void)error;
    lincei_text name;
    if (history->step > 0 || !lincei_label_of(incident->labels, LINCEI_TEXT("committer"), &name) || name.length == 0)
        return true; /* the policy goes on */
    lincei_target *target = lincei_alloc(sizeof *target);
    *target = (lincei_target){LINCEI_PERSON, name};
    step->kind = LINCEI_PAGE_TARGETS;
    step->page.targets = target;
    step->page.targets_count = 1;
    step->page.note = LINCEI_TEXT("last committer");
    step->page.next_after = 300;
    return true;
}
