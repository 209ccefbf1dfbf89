/* Plugins for Lincei in C.
 *
 * A plugin is one file that names its kind and includes this header:
 *
 *     #define LINCEI_OPERATOR   (or LINCEI_FUNCTION, LINCEI_RULE, LINCEI_NOTIFIER, LINCEI_ESCALATION)
 *     #include "lincei.h"
 *
 * and defines the functions that the header of its kind declares under "To be defined by the plugin". There
 * is no C library; the headers `stdint.h`, `stddef.h` and `stdbool.h` are the compiler's own.
 *
 * Memory: `lincei_alloc` gives memory that lasts until the call ends, `lincei_keep` memory that lasts as long
 * as the instance. Whatever the host passes lasts until the call ends, except the configuration in
 * `lincei_init`, and everything allocated there, which stays.
 *
 * The structures have the layout that the component model's canonical ABI gives to the records and variants of
 * `wit/`, so nothing is converted at the border; the assertions below check their sizes.
 */
#ifndef LINCEI_H
#define LINCEI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINCEI_IMPORT(module, name) __attribute__((import_module("lincei:plugin/" module "@1.0.0"), import_name(name)))
#define LINCEI_EXPORT(name) __attribute__((export_name(name)))
#define LINCEI_UNUSED __attribute__((unused))
#define LINCEI_LAYOUT(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)

/* A text: UTF-8 without an end mark. */
typedef struct {
    const char *data;
    size_t length;
} lincei_text;

/* Bytes. */
typedef struct {
    const uint8_t *data;
    size_t length;
} lincei_bytes;

LINCEI_LAYOUT(lincei_text, 8);

/* A text of a literal. */
#define LINCEI_TEXT(literal) ((lincei_text){(literal), sizeof(literal) - 1})

/* `result<_, string>` */
typedef struct {
    uint8_t is_error;
    lincei_text error;
} lincei_result;

LINCEI_LAYOUT(lincei_result, 12);

/* --- Bytes. The compiler calls these by name. --- */

__attribute__((weak)) void *memcpy(void *restrict to, const void *restrict from, size_t count) {
    return __builtin_memcpy(to, from, count);
}

__attribute__((weak)) void *memmove(void *to, const void *from, size_t count) {
    return __builtin_memmove(to, from, count);
}

__attribute__((weak)) void *memset(void *to, int byte, size_t count) {
    return __builtin_memset(to, byte, count);
}

__attribute__((weak)) int memcmp(const void *a, const void *b, size_t count) {
    const uint8_t *left = a, *right = b;
    for (size_t i = 0; i < count; i++) {
        if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
    }
    return 0;
}

/* --- Memory: chunks that are used from the first to the last, and from the first again after each call. --- */

typedef struct lincei_chunk {
    struct lincei_chunk *next;
    uint8_t *at;
    uint8_t *end;
} lincei_chunk;

static lincei_chunk *lincei_first_chunk, *lincei_chunk_in_use;
/* What is kept: the rest of its own chunk. */
static uint8_t *lincei_kept_at, *lincei_kept_end;

#define LINCEI_PAGE 65536u

static uint8_t *lincei_pages(size_t bytes, size_t *got) {
    size_t pages = (bytes + LINCEI_PAGE - 1) / LINCEI_PAGE;
    size_t before = __builtin_wasm_memory_grow(0, pages);
    if (before == (size_t)-1) __builtin_trap(); /* the host says why: the memory has its limit */
    *got = pages * LINCEI_PAGE;
    return (uint8_t *)(before * LINCEI_PAGE);
}

static uint8_t *lincei_aligned(uint8_t *at, size_t align) {
    return (uint8_t *)(((uintptr_t)at + align - 1) & ~(uintptr_t)(align - 1));
}

static uint8_t *lincei_take(lincei_chunk *chunk, size_t bytes, size_t align) {
    uint8_t *start = lincei_aligned(chunk->at, align);
    if (start > chunk->end || (size_t)(chunk->end - start) < bytes) return NULL;
    chunk->at = start + bytes;
    return start;
}

static uint8_t *lincei_chunk_start(lincei_chunk *chunk) { return (uint8_t *)(chunk + 1); }

/* Memory until the call ends. It is not cleared. */
static void *lincei_alloc_aligned(size_t bytes, size_t align) {
    if (bytes == 0) return (void *)align; /* as the canonical ABI likes it: aligned, never read */
    lincei_chunk *last = NULL;
    for (lincei_chunk *chunk = lincei_chunk_in_use; chunk; chunk = chunk->next) {
        if (chunk != lincei_chunk_in_use) chunk->at = lincei_chunk_start(chunk);
        uint8_t *start = lincei_take(chunk, bytes, align);
        if (start) {
            lincei_chunk_in_use = chunk;
            return start;
        }
        last = chunk;
    }
    size_t got;
    /* twice as much as is needed, so that there are few chunks */
    lincei_chunk *chunk = (lincei_chunk *)lincei_pages(bytes * 2 + sizeof(lincei_chunk) + align, &got);
    chunk->next = NULL;
    chunk->at = lincei_chunk_start(chunk);
    chunk->end = (uint8_t *)chunk + got;
    if (last) last->next = chunk;
    else lincei_first_chunk = chunk;
    lincei_chunk_in_use = chunk;
    return lincei_take(chunk, bytes, align);
}

static LINCEI_UNUSED void *lincei_alloc(size_t bytes) { return lincei_alloc_aligned(bytes, 8); }

/* Memory for as long as the instance lives. It is not cleared, and cannot be given back. */
static LINCEI_UNUSED void *lincei_keep(size_t bytes) {
    uint8_t *start = lincei_aligned(lincei_kept_at, 8);
    if (!lincei_kept_at || start > lincei_kept_end || (size_t)(lincei_kept_end - start) < bytes) {
        size_t got;
        start = lincei_pages(bytes, &got);
        lincei_kept_end = start + got;
    }
    lincei_kept_at = start + bytes;
    return start;
}

/* More memory for what begins at `old`: in place where nothing was allocated since. */
static void *lincei_realloc(void *old, size_t old_bytes, size_t align, size_t bytes) {
    lincei_chunk *chunk = lincei_chunk_in_use;
    if (old_bytes && chunk && (uint8_t *)old + old_bytes == chunk->at && (size_t)(chunk->end - (uint8_t *)old) >= bytes) {
        chunk->at = (uint8_t *)old + bytes;
        return old;
    }
    void *start = lincei_alloc_aligned(bytes, align);
    if (old_bytes) __builtin_memcpy(start, old, old_bytes < bytes ? old_bytes : bytes);
    return start;
}

LINCEI_EXPORT("cabi_realloc") void *lincei_cabi_realloc(void *old, size_t old_bytes, size_t align, size_t bytes) {
    return lincei_realloc(old, old_bytes, align, bytes);
}

/* After each call: everything that was allocated in it is free again. */
static void lincei_reset(void) {
    lincei_chunk_in_use = lincei_first_chunk;
    if (lincei_first_chunk) lincei_first_chunk->at = lincei_chunk_start(lincei_first_chunk);
}

/* After `init`: what was allocated stays, and new chunks are used from now on. */
static LINCEI_UNUSED void lincei_keep_all(void) { lincei_first_chunk = lincei_chunk_in_use = NULL; }

/* --- Texts --- */

static LINCEI_UNUSED bool lincei_equal(lincei_text a, lincei_text b) {
    return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

/* A text that grows, until the call ends. Start with `{0}`. */
typedef struct {
    char *data;
    size_t length, capacity;
} lincei_buffer;

static LINCEI_UNUSED void lincei_add(lincei_buffer *buffer, lincei_text text) {
    if (buffer->capacity - buffer->length < text.length) {
        size_t capacity = (buffer->length + text.length) * 2 + 64;
        buffer->data = lincei_realloc(buffer->data, buffer->capacity, 1, capacity);
        buffer->capacity = capacity;
    }
    if (text.length) __builtin_memcpy(buffer->data + buffer->length, text.data, text.length);
    buffer->length += text.length;
}

static LINCEI_UNUSED void lincei_add_number(lincei_buffer *buffer, uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    lincei_add(buffer, (lincei_text){digits + at, sizeof digits - at});
}

static LINCEI_UNUSED lincei_text lincei_text_of(lincei_buffer buffer) {
    return (lincei_text){buffer.data ? buffer.data : (char *)1, buffer.length};
}

/* --- What the host does for every kind --- */

enum { LINCEI_DEBUG, LINCEI_INFO, LINCEI_WARN, LINCEI_ERROR };

LINCEI_IMPORT("log", "write") void lincei_log_write(int32_t level, const char *message, size_t length);

/* A line for the plugin's own log. */
static LINCEI_UNUSED void lincei_log(int level, lincei_text message) {
    lincei_log_write(level, message.data, message.length);
}

#include "lincei_json.h"

#if defined(LINCEI_OPERATOR) || defined(LINCEI_FUNCTION)
#include "lincei_columns.h"
#endif
#ifdef LINCEI_OPERATOR
#include "lincei_operator.h"
#endif
#ifdef LINCEI_FUNCTION
#include "lincei_function.h"
#endif
#if defined(LINCEI_RULE) || defined(LINCEI_NOTIFIER) || defined(LINCEI_ESCALATION)
#include "lincei_oncall.h"
#endif

#endif
