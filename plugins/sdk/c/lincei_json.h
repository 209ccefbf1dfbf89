/* Finds fields of JSON objects without building a tree, and writes JSON strings. Included by `lincei.h`. */

static const char *lincei_json_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    return at;
}

/* From the first quote to behind the last; `NULL` where there is none. */
static const char *lincei_json_string_end(const char *at, const char *end) {
    for (at++; at < end; at++) {
        if (*at == '"') return at + 1;
        if (*at == '\\') at++;
    }
    return NULL;
}

/* Behind a value; `NULL` where it does not end. */
static const char *lincei_json_end(const char *at, const char *end) {
    if (at == end) return NULL;
    if (*at == '"') return lincei_json_string_end(at, end);
    if (*at != '{' && *at != '[') {
        const char *start = at;
        while (at < end && *at != ',' && *at != '}' && *at != ']' && *at > ' ') at++;
        return at > start ? at : NULL;
    }
    for (size_t depth = 0; at < end;) {
        if (*at == '"') {
            at = lincei_json_string_end(at, end);
            if (!at) return NULL;
            continue;
        }
        if (*at == '{' || *at == '[') depth++;
        if ((*at == '}' || *at == ']') && --depth == 0) return at + 1;
        at++;
    }
    return NULL;
}

/* The next value of an array, as it is written. `at` starts with 0. */
static LINCEI_UNUSED bool lincei_json_item(lincei_text array, size_t *at, lincei_text *value) {
    const char *end = array.data + array.length, *start = lincei_json_space(array.data + *at, end);
    if (start == end || *start != (*at ? ',' : '[')) return false;
    start = lincei_json_space(start + 1, end);
    const char *stop = lincei_json_end(start, end);
    if (!stop) return false;
    *value = (lincei_text){start, (size_t)(stop - start)};
    *at = (size_t)(lincei_json_space(stop, end) - array.data);
    return true;
}

static bool lincei_json_member(lincei_text object, lincei_text key, lincei_text *value) {
    const char *end = object.data + object.length, *at = lincei_json_space(object.data, end);
    if (at == end || *at != '{') return false;
    for (at = lincei_json_space(at + 1, end); at < end && *at == '"'; at = lincei_json_space(at + 1, end)) {
        const char *name = at + 1;
        at = lincei_json_string_end(at, end);
        if (!at) return false;
        lincei_text found = {name, (size_t)(at - 1 - name)};
        at = lincei_json_space(at, end);
        if (at == end || *at != ':') return false;
        const char *start = lincei_json_space(at + 1, end);
        at = lincei_json_end(start, end);
        if (!at) return false;
        if (lincei_equal(found, key)) {
            *value = (lincei_text){start, (size_t)(at - start)};
            return true;
        }
        at = lincei_json_space(at, end);
        if (at == end || *at != ',') return false;
    }
    return false;
}

/* The value at a path, as it is written: a key, or keys with full stops between them for objects within; a key
 * that has a full stop itself is found, too. Keys with escapes are not found. */
static LINCEI_UNUSED bool lincei_json_get(lincei_text object, lincei_text path, lincei_text *value) {
    if (lincei_json_member(object, path, value)) return true;
    for (size_t stop = 0; stop < path.length; stop++) {
        if (path.data[stop] != '.') continue;
        lincei_text within, rest = {path.data + stop + 1, path.length - stop - 1};
        if (lincei_json_member(object, (lincei_text){path.data, stop}, &within) && lincei_json_get(within, rest, value))
            return true;
    }
    return false;
}

static int lincei_hex(const char *at, const char *end, unsigned count) {
    int number = 0;
    for (; count; count--, at++) {
        if (at >= end) return -1;
        char digit = *at, letter = digit | 32;
        if (digit >= '0' && digit <= '9') number = number * 16 + digit - '0';
        else if (letter >= 'a' && letter <= 'f') number = number * 16 + letter - 'a' + 10;
        else return -1;
    }
    return number;
}

static void lincei_add_character(lincei_buffer *text, unsigned c) {
    char bytes[4];
    size_t length;
    if (c < 0x80) {
        bytes[0] = (char)c, length = 1;
    } else if (c < 0x800) {
        bytes[0] = (char)(0xc0 | c >> 6), bytes[1] = (char)(0x80 | (c & 63)), length = 2;
    } else if (c < 0x10000) {
        bytes[0] = (char)(0xe0 | c >> 12), bytes[1] = (char)(0x80 | (c >> 6 & 63));
        bytes[2] = (char)(0x80 | (c & 63)), length = 3;
    } else {
        bytes[0] = (char)(0xf0 | c >> 18), bytes[1] = (char)(0x80 | (c >> 12 & 63));
        bytes[2] = (char)(0x80 | (c >> 6 & 63)), bytes[3] = (char)(0x80 | (c & 63)), length = 4;
    }
    lincei_add(text, (lincei_text){bytes, length});
}

/* The character of `\uXXXX` at its `u`, or of a pair of them (RFC 8259, section 7); U+FFFD where it is none. */
static const char *lincei_json_unicode(lincei_buffer *text, const char *at, const char *end) {
    int first = lincei_hex(at + 1, end, 4);
    if (first < 0) {
        lincei_add_character(text, 0xfffd);
        return at + 1;
    }
    at += 5;
    if (first >= 0xd800 && first < 0xe000) {
        int second = end - at > 1 && at[0] == '\\' && at[1] == 'u' ? lincei_hex(at + 2, end, 4) : -1;
        if (first < 0xdc00 && second >= 0xdc00 && second < 0xe000) {
            lincei_add_character(text, 0x10000u + ((unsigned)(first - 0xd800) << 10) + (unsigned)(second - 0xdc00));
            return at + 6;
        }
        first = 0xfffd;
    }
    lincei_add_character(text, (unsigned)first);
    return at;
}

/* The text of a string as it is written, without its quotes and escapes; of anything else the empty text. */
static LINCEI_UNUSED lincei_text lincei_json_text(lincei_text value) {
    static const char letters[] = "nrtbf", characters[] = "\n\r\t\b\f";
    if (value.length < 2 || value.data[0] != '"') return LINCEI_TEXT("");
    const char *at = value.data + 1, *end = value.data + value.length - 1, *start = at;
    lincei_buffer text = {0};
    while (at < end) {
        if (*at != '\\') {
            at++;
            continue;
        }
        lincei_add(&text, (lincei_text){start, (size_t)(at - start)});
        at++;
        if (at < end && *at == 'u') {
            at = lincei_json_unicode(&text, at, end);
        } else if (at < end) {
            char c = *at++;
            for (int i = 0; letters[i]; i++) {
                if (c == letters[i]) {
                    c = characters[i];
                    break;
                }
            }
            lincei_add(&text, (lincei_text){&c, 1});
        }
        start = at;
    }
    if (start == value.data + 1) return (lincei_text){start, (size_t)(end - start)};
    lincei_add(&text, (lincei_text){start, (size_t)(end - start)});
    return lincei_text_of(text);
}

/* The text of the string at a path; the empty text where there is none. */
static LINCEI_UNUSED lincei_text lincei_json_get_text(lincei_text object, lincei_text path) {
    lincei_text value;
    return lincei_json_get(object, path, &value) ? lincei_json_text(value) : LINCEI_TEXT("");
}

/* Adds a text as a JSON string, with its quotes. */
static LINCEI_UNUSED void lincei_add_json(lincei_buffer *buffer, lincei_text text) {
    static const char hex[] = "0123456789abcdef";
    lincei_add(buffer, LINCEI_TEXT("\""));
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"') lincei_add(buffer, LINCEI_TEXT("\\\""));
        else if (c == '\\') lincei_add(buffer, LINCEI_TEXT("\\\\"));
        else if (c == '\n') lincei_add(buffer, LINCEI_TEXT("\\n"));
        else if (c == '\r') lincei_add(buffer, LINCEI_TEXT("\\r"));
        else if (c == '\t') lincei_add(buffer, LINCEI_TEXT("\\t"));
        else if (c < ' ') lincei_add(buffer, (lincei_text){(char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6});
        else lincei_add(buffer, (lincei_text){text.data + i, 1});
    }
    lincei_add(buffer, LINCEI_TEXT("\""));
}
