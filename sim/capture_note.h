/*
 * capture_note.h - the comments of a capture: key=value, versioned.
 */
#ifndef SIM_CAPTURE_NOTE_H
#define SIM_CAPTURE_NOTE_H

#include "sim/frametext_buf.h"

#include <stdbool.h>

#define CAPTURE_NOTE_VERSION 1
#define CAPTURE_NOTE_PREFIX  "vnetsim."
#define CAPTURE_NOTE_KEYS    24    /* pairs in one note */
#define CAPTURE_NOTE_MAX     65535 /* bytes; pcapng's limit of one option */
#define CAPTURE_STRING_MAX   255   /* bytes of one name */

/**
 * struct capture_note - a note taken apart
 * @cn_kind:	second word of the note
 * @cn_key:	names; @cn_value: values with quotes and escapes undone
 * @cn_n:	number of pairs
 * @cn_text:	(o) storage of all of them, part of this struct
 */
struct capture_note {
	const char *cn_kind;
	const char *cn_key[CAPTURE_NOTE_KEYS];
	const char *cn_value[CAPTURE_NOTE_KEYS];
	unsigned cn_n;
	char cn_text[CAPTURE_NOTE_MAX + 1];
};

void capture_note_begin(struct textbuf *tb, const char *kind, uint64_t i);
void capture_note_str(struct textbuf *tb, const char *key, const char *val);
void capture_note_u64(struct textbuf *tb, const char *key, uint64_t val);
void capture_note_i64(struct textbuf *tb, const char *key, int64_t val);

bool capture_note_is(const uint8_t *text, size_t len);
const char *capture_note_parse(
    struct capture_note *note, const uint8_t *text, size_t len);
const char *capture_note_get(const struct capture_note *note, const char *key);
bool capture_note_get_u64(const struct capture_note *note, const char *key,
    uint64_t max, uint64_t *val);
bool capture_note_get_i64(
    const struct capture_note *note, const char *key, int64_t *val);

#endif /* !SIM_CAPTURE_NOTE_H */
