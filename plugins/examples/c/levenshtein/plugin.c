/* levenshtein(a, b): how many characters have to be added, removed or changed to make one text of the other
 * (Wagner and Fischer, The String-to-String Correction Problem, 1974). */
#define LINCEI_FUNCTION
#include "lincei.h"

enum { A, B };

/* A row of the table has as many numbers as the shorter text has characters. Texts of more characters give no
 * result: a million steps are a few milliseconds, and a call has to end in time. */
enum { CHARACTERS_MAX = 2048 };

static const uint8_t arguments[] = {LINCEI_TEXTS, LINCEI_TEXTS};

static void lincei_describe(lincei_function_info *info) {
    info->name = LINCEI_TEXT("levenshtein");
    info->version = LINCEI_TEXT("1.0.0");
    info->description = LINCEI_TEXT("How many characters differ between two texts of at most 2,048 characters.");
    info->arguments = arguments;
    info->arguments_count = sizeof arguments;
    info->returns = LINCEI_INTS;
    info->volatility = LINCEI_IMMUTABLE;
}

/* Writes the characters of a text; gives how many, or -1 if there are too many. */
static int decode(lincei_text text, uint32_t *characters) {
    int count = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        if ((byte & 0xc0) == 0x80) { /* more of the last character; a text never starts with this */
            characters[count - 1] = characters[count - 1] << 6 | (byte & 63);
            continue;
        }
        if (count == CHARACTERS_MAX) return -1;
        characters[count++] = byte;
    }
    return count;
}

static int64_t distance(const uint32_t *a, int a_count, const uint32_t *b, int b_count) {
    static int row[CHARACTERS_MAX + 1];
    /* what both start and end with changes nothing */
    while (a_count && b_count && a[0] == b[0]) a++, b++, a_count--, b_count--;
    while (a_count && b_count && a[a_count - 1] == b[b_count - 1]) a_count--, b_count--;
    for (int j = 0; j <= b_count; j++) row[j] = j;
    for (int i = 1; i <= a_count; i++) {
        int diagonal = row[0]; /* of the row before, and one place before */
        row[0] = i;
        for (int j = 1; j <= b_count; j++) {
            int changed = diagonal + (a[i - 1] != b[j - 1]);
            int other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = changed < other ? changed : other;
        }
    }
    return row[b_count];
}

static void lincei_on_row(const lincei_record *row, lincei_builder *result) {
    static uint32_t a_characters[CHARACTERS_MAX], b_characters[CHARACTERS_MAX];
    lincei_text a, b;
    int a_count = -1, b_count = -1;
    if (lincei_get_text(row, A, &a) && lincei_get_text(row, B, &b)) {
        a_count = decode(a, a_characters);
        b_count = decode(b, b_characters);
    }
    if (a_count < 0 || b_count < 0) lincei_push_missing(result);
    else lincei_push_int(result, distance(a_characters, a_count, b_characters, b_count));
}
