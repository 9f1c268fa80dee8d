/*
 * capture_note.c - the comments of a capture: key=value, versioned.
 *
 * A note is what vnetsim knows and no frame shows, written so that people can
 * read it in Wireshark and the reader can rebuild the stream from it:
 *
 *	note	= "vnetsim.1" SP kind *( SP key "=" value )
 *	kind	= 1*( a-z )
 *	key	= 1*( a-z )
 *	value	= 1*bare / DQUOTE *( plain / "\" DQUOTE / "\\" / "\x" 2HEX )
 *		  DQUOTE
 *	bare	= printable ASCII but SP, DQUOTE, "\" and "="
 *	plain	= printable ASCII but DQUOTE and "\"
 *
 * One value has exactly one spelling by this writer (bare if it can be), so
 * equal streams are equal bytes.  A reader skips keys it does not know, and
 * refuses a key twice, a version it does not know, and anything that the
 * grammar does not say.  An absent string is an absent key.
 */
#include "sim/capture_note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_INTRO CAPTURE_NOTE_PREFIX "1 "

static bool
note_bare(unsigned char c)
{
	return (c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=');
}

/**
 * capture_note_begin() - begin a note
 * @tb:		receives the text
 * @kind:	what the note tells
 * @i:		number of the event in its stream, from 0
 */
void
capture_note_begin(struct textbuf *tb, const char *kind, uint64_t i)
{
	textbuf_add(tb, NOTE_INTRO "%s", kind);
	capture_note_u64(tb, "i", i);
}

/**
 * capture_note_str() - append a pair; nothing if @val is NULL
 */
void
capture_note_str(struct textbuf *tb, const char *key, const char *val)
{
	const unsigned char *p;
	bool bare;

	if (val == NULL)
		return;
	bare = *val != '\0';
	for (p = (const unsigned char *)val; *p != '\0'; p++)
		bare = bare && note_bare(*p);
	textbuf_add(tb, bare ? " %s=%s" : " %s=\"", key, val);
	if (bare)
		return;
	for (p = (const unsigned char *)val; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			textbuf_add(tb, "\\%c", *p);
		else if (*p >= 0x20 && *p < 0x7f)
			textbuf_add(tb, "%c", *p);
		else
			textbuf_add(tb, "\\x%02x", *p);
	}
	textbuf_add(tb, "\"");
}

/** capture_note_u64() - append a pair with an unsigned number */
void
capture_note_u64(struct textbuf *tb, const char *key, uint64_t val)
{
	textbuf_add(tb, " %s=%" PRIu64, key, val);
}

/** capture_note_i64() - append a pair with a signed number */
void
capture_note_i64(struct textbuf *tb, const char *key, int64_t val)
{
	textbuf_add(tb, " %s=%" PRId64, key, val);
}

/**
 * capture_note_is() - whether a comment is a note of any version
 *
 * Comments that somebody added by hand stand beside ours and are not looked
 * at.
 */
bool
capture_note_is(const uint8_t *text, size_t len)
{
	return (len >= sizeof(CAPTURE_NOTE_PREFIX) - 1 &&
		memcmp(text, CAPTURE_NOTE_PREFIX,
		    sizeof(CAPTURE_NOTE_PREFIX) - 1) == 0);
}

static int
note_hex(int c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	return (-1);
}

/* One word of letters at *s, ended by @stop or the end; NULL if it is none. */
static const char *
note_word(char **s, char stop)
{
	char *word = *s, *p = word;

	while (*p >= 'a' && *p <= 'z')
		p++;
	if (p == word || (*p != stop && !(stop == ' ' && *p == '\0')))
		return (NULL);
	*s = *p == '\0' ? p : p + 1;
	*p = '\0';
	return (word);
}

/* A quoted value at *s, behind the quote, undone in place. */
static const char *
note_quoted(char **s)
{
	char *out = *s, *val = out, *p = out;
	int hi, lo;

	for (; *p != '"'; p++) {
		if (*p == '\0')
			return (NULL);
		if (*p == '\\' && (p[1] == '"' || p[1] == '\\')) {
			p++;
		} else if (*p == '\\') {
			if (p[1] != 'x' || (hi = note_hex(p[2])) < 0 ||
			    (lo = note_hex(p[3])) < 0 || hi + lo == 0)
				return (NULL);
			p += 3;
			*out++ = (char)(hi * 16 + lo);
			continue;
		}
		*out++ = *p;
	}
	p++;
	if (*p != ' ' && *p != '\0')
		return (NULL);
	*s = *p == '\0' ? p : p + 1;
	*out = '\0';
	return (val);
}

static const char *
note_value(char **s)
{
	char *val = *s, *p = val;

	if (*p == '"') {
		*s = p + 1;
		return (note_quoted(s));
	}
	while (note_bare((unsigned char)*p))
		p++;
	if (p == val || (*p != ' ' && *p != '\0'))
		return (NULL);
	*s = *p == '\0' ? p : p + 1;
	*p = '\0';
	return (val);
}

/**
 * capture_note_parse() - take a note apart
 * @note:	out: kind and pairs, valid until the next call with it
 * @text:	the comment, not ended by NUL
 * @len:	its length in bytes, at most CAPTURE_NOTE_MAX
 *
 * Return: NULL, or what is wrong with the note, as a phrase.
 */
const char *
capture_note_parse(struct capture_note *note, const uint8_t *text, size_t len)
{
	const char *key, *value;
	char *s = note->cn_text;

	note->cn_n = 0;
	if (len > CAPTURE_NOTE_MAX || memchr(text, '\0', len) != NULL)
		return ("note with a NUL byte");
	memcpy(s, text, len);
	s[len] = '\0';
	if (strncmp(s, NOTE_INTRO, sizeof(NOTE_INTRO) - 1) != 0)
		return ("note of an unknown version");
	if (s[len - 1] == ' ')
		return ("note that ends in a space");
	s += sizeof(NOTE_INTRO) - 1;
	note->cn_kind = note_word(&s, ' ');
	if (note->cn_kind == NULL)
		return ("note without a kind");
	while (*s != '\0') {
		if (note->cn_n == CAPTURE_NOTE_KEYS)
			return ("note with too many keys");
		key = note_word(&s, '=');
		if (key == NULL)
			return ("note with a malformed key");
		if (capture_note_get(note, key) != NULL)
			return ("note with a key given twice");
		value = note_value(&s);
		if (value == NULL)
			return ("note with a malformed value");
		note->cn_key[note->cn_n] = key;
		note->cn_value[note->cn_n++] = value;
	}
	return (NULL);
}

/** capture_note_get() - the value of a key, or NULL */
const char *
capture_note_get(const struct capture_note *note, const char *key)
{
	unsigned i;

	for (i = 0; i < note->cn_n; i++) {
		if (strcmp(note->cn_key[i], key) == 0)
			return (note->cn_value[i]);
	}
	return (NULL);
}

/**
 * capture_note_get_u64() - the value of a key as a number
 * @note:	the note
 * @key:	its key
 * @max:	largest value that is accepted
 * @val:	out: the number, written only if it is one
 *
 * Return: false if the key is absent or no decimal number up to @max.
 */
bool
capture_note_get_u64(const struct capture_note *note, const char *key,
    uint64_t max, uint64_t *val)
{
	const char *s = capture_note_get(note, key);
	uint64_t v = 0, digit;

	if (s == NULL || *s == '\0')
		return (false);
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return (false);
		digit = (uint64_t)(*s - '0');
		if (v > (max - digit) / 10 || digit > max)
			return (false);
		v = v * 10 + digit;
	}
	*val = v;
	return (true);
}

/**
 * capture_note_get_i64() - the same for a signed number
 */
bool
capture_note_get_i64(
    const struct capture_note *note, const char *key, int64_t *val)
{
	const char *s = capture_note_get(note, key);
	long long v;
	char *end;

	if (s == NULL || !((*s >= '0' && *s <= '9') || *s == '-'))
		return (false);
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0')
		return (false);
	*val = v;
	return (true);
}
