/* {{ident}}(number): whether a payment card's number has a right check digit (ISO/IEC 7812-1, annex B). */
#define LINCEI_FUNCTION
#include "lincei.h"

enum { NUMBER };

static const uint8_t arguments[] = {LINCEI_TEXTS};

static void lincei_describe(lincei_function_info *info) {
    info->name = LINCEI_TEXT("{{ident}}");
    info->version = LINCEI_TEXT("0.1.0");
    info->description = LINCEI_TEXT("Whether a payment card's number of 12 to 19 digits has a right check digit.");
    info->arguments = arguments;
    info->arguments_count = sizeof arguments;
    info->returns = LINCEI_BOOLS;
    info->volatility = LINCEI_IMMUTABLE;
}

static bool luhn_valid(lincei_text number) {
    unsigned sum = 0, digits = 0;
    for (size_t i = number.length; i > 0; i--) {
        char c = number.data[i - 1];
        if (c == ' ' || c == '-') continue;
        if (c < '0' || c > '9') return false;
        unsigned digit = (unsigned)(c - '0');
        /* every second digit from the right counts twice, as the sum of its own digits */
        sum += digits % 2 == 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
        digits++;
    }
    return digits >= 12 && digits <= 19 && sum % 10 == 0;
}

static void lincei_on_row(const lincei_record *row, lincei_builder *result) {
    lincei_text number;
    if (lincei_get_text(row, NUMBER, &number)) lincei_push_bool(result, luhn_valid(number));
    else lincei_push_missing(result);
}
