/*
 * scn_mem.c - memory of the scenario parser.
 *
 * Two lists of chunks: KEEP lives as long as the script, TMP as long as the
 * parser.  Small things are carved from the newest chunk and never freed one
 * by one; an array that grows has a chunk of its own, so that growing frees
 * the old copy.  One budget bounds the sum of both lists, because a few lines
 * of repeat can ask for any amount.  What failed once stays failed: nothing
 * more is asked for, and the parse ends where it next looks.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scn_parse.h"

#define SCN_CHUNK_FIRST 4096
#define SCN_CHUNK       65536
#define SCN_ALIGN       _Alignof(max_align_t)

struct scn_chunk {
	struct scn_chunk *next;
	struct scn_chunk *prev;
	size_t size; /* bytes behind the header */
	size_t used;
	bool own; /* an array that grows */
};

#define SCN_CHUNK_HDR                                                          \
	((sizeof(struct scn_chunk) + SCN_ALIGN - 1) / SCN_ALIGN * SCN_ALIGN)

static void *
scn_mem_realloc(struct scn_mem *m, void *old, size_t size)
{
	if (m->realloc != NULL)
		return (m->realloc(m->arg, old, size));
	return (realloc(old, size));
}

static void
scn_mem_release(struct scn_mem *m, void *old)
{
	if (m->realloc != NULL)
		m->realloc(m->arg, old, 0);
	else
		free(old);
}

/* Makes c, or a new chunk if c is NULL, size bytes large. */
static struct scn_chunk *
scn_chunk_size(struct scn_mem *m, struct scn_chunk *c, size_t size)
{
	size_t old = c != NULL ? c->size : 0;

	if (m->nomem)
		return (NULL);
	if (size > m->max || m->used - old > m->max - size) {
		m->over = true;
		return (NULL);
	}
	c = scn_mem_realloc(m, c, SCN_CHUNK_HDR + size);
	if (c == NULL) {
		m->nomem = true;
		return (NULL);
	}
	m->used = m->used - old + size;
	if (old == 0)
		memset(c, 0, sizeof(*c));
	c->size = size;
	return (c);
}

static void
scn_chunk_link(struct scn_mem *m, enum scn_life life, struct scn_chunk *c)
{
	c->prev = NULL;
	c->next = m->list[life];
	if (c->next != NULL)
		c->next->prev = c;
	m->list[life] = c;
}

static void
scn_chunk_unlink(struct scn_mem *m, enum scn_life life, struct scn_chunk *c)
{
	if (c->next != NULL)
		c->next->prev = c->prev;
	if (m->list[life] == c)
		m->list[life] = c->next;
	else
		c->prev->next = c->next;
}

void *
scn_mem_alloc(struct scn_mem *m, enum scn_life life, size_t size)
{
	struct scn_chunk *c = m->list[life];
	size_t want;
	char *s;

	size = (size + SCN_ALIGN - 1) / SCN_ALIGN * SCN_ALIGN;
	while (c != NULL && c->own)
		c = c->next;
	if (c == NULL || c->size - c->used < size) {
		want = c == NULL ? SCN_CHUNK_FIRST : SCN_CHUNK;
		c = scn_chunk_size(m, NULL, size > want ? size : want);
		if (c == NULL)
			return (NULL);
		scn_chunk_link(m, life, c);
	}
	s = (char *)c + SCN_CHUNK_HDR + c->used;
	c->used += size;
	memset(s, 0, size);
	return (s);
}

bool
scn_mem_grow(struct scn_mem *m, enum scn_life life, void *vec, size_t *cap,
    size_t need, size_t size)
{
	struct scn_chunk *c = NULL, *grown;
	size_t want;
	char *old;

	if (need <= *cap)
		return (true);
	want = *cap < 8 ? 16 : *cap * 2;
	if (want < need)
		want = need;
	memcpy(&old, vec, sizeof(old));
	if (old != NULL) {
		c = (struct scn_chunk *)(void *)(old - SCN_CHUNK_HDR);
		scn_chunk_unlink(m, life, c);
	}
	grown = scn_chunk_size(m, c, want * size);
	if (grown == NULL) {
		if (c != NULL)
			scn_chunk_link(m, life, c);
		return (false);
	}
	grown->own = true;
	scn_chunk_link(m, life, grown);
	old = (char *)grown + SCN_CHUNK_HDR;
	memset(old + *cap * size, 0, (want - *cap) * size);
	*cap = want;
	memcpy(vec, &old, sizeof(old));
	return (true);
}

char *
scn_mem_dup(struct scn_mem *m, enum scn_life life, const char *s, size_t len)
{
	char *d = scn_mem_alloc(m, life, len + 1);

	if (d != NULL && len != 0)
		memcpy(d, s, len);
	return (d);
}

void
scn_mem_free(struct scn_mem *m, enum scn_life life)
{
	struct scn_chunk *c;

	while ((c = m->list[life]) != NULL) {
		m->list[life] = c->next;
		m->used -= c->size;
		scn_mem_release(m, c);
	}
}
