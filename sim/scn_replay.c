/*
 * scn_replay.c - link LINK[END] replay FILE: a capture comes in.
 *
 * The file is looked at when the statement runs, so that a scenario may expect
 * that it cannot be played.
 */
#include <string.h>

#include "sim/scn_parse.h"

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
	r->file = scn_beside(c, w);
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
