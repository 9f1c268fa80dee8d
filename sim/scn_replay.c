/*
 * scn_replay.c - link LINK[END] replay FILE: a capture comes in.
 *
 * The file is looked at when the statement runs, so that a scenario may expect
 * that it cannot be played.
 */
#include <string.h>

#include "sim/scn_parse.h"

/* The word as a path from where the program runs: as an include is found. */
static const char *
replay_path(struct scn_cur *c, const struct scn_word *w)
{
	const char *slash = strrchr(c->p->path, '/');
	size_t dir;
	char *full;

	if (w->s[0] == '/' || slash == NULL || c->p->line_mode)
		return (w->s);
	dir = (size_t)(slash - c->p->path) + 1;
	full = scn_node(c, dir + w->len + 1);
	if (full == NULL)
		return (NULL);
	memcpy(full, c->p->path, dir);
	memcpy(full + dir, w->s, w->len);
	return (full);
}

/* replay FILE {filter F | speed N | rewrite} */
bool
scn_parse_replay(struct scn_cur *c, struct scn_link *l)
{
	static const char *const keys[] = { "filter", "speed", "rewrite" };
	const struct scn_word *w = scn_take(c, "a capture");
	struct scn_replay *r = scn_node(c, sizeof(*r));
	uint32_t said = 0;
	size_t i;

	if (w == NULL || r == NULL)
		return (false);
	c->st->kind = SCN_LINK_REPLAY;
	l->replay = r;
	r->speed = 1000000;
	if (w->len == 0 || (w->s[0] == '-' && !w->quoted))
		return (scn_cur_fail(c, c->i - 1, "a pcap or pcapng file",
		    "'%.64s' is no file", w->s));
	r->file = replay_path(c, w);
	if (r->file == NULL)
		return (false);
	while (!scn_cur_done(c)) {
		if (!scn_take_choice(
			c, "setting of a replay", keys, SCN_NITEMS(keys), &i))
			return (false);
		if ((said & 1u << i) != 0)
			return (scn_cur_fail(c, c->i - 1, "keep one of them",
			    "'%s' is said already", keys[i]));
		said |= 1u << i;
		r->macs |= i == 2;
		if (i == 0) {
			w = scn_take(c, "a filter");
			if (w == NULL)
				return (false);
			r->filter = w->s;
		}
		if (i == 1 && !scn_take_factor(c, "speed", SCN_REPLAY_SPEED_MIN,
				  SCN_REPLAY_SPEED_MAX, &r->speed))
			return (false);
	}
	return (true);
}
