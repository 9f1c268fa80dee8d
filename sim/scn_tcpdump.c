/*
 * scn_tcpdump.c - tcpdump as a statement, and what is claimed of it.
 *
 * The filter is compiled here for its mistakes: they are told before anything
 * runs.
 */
#include <string.h>

#include "sim/capture_filter.h"
#include "sim/capture_pcap.h"
#include "sim/scn_parse.h"

/* epair0, without the letter of an end: a link. */
static bool
is_link(const char *s)
{
	size_t letters = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	return (strncmp(s, "epair", 5) == 0 && letters == 5 &&
		s[letters] != '\0' &&
		s[letters + strspn(s + letters, "0123456789")] == '\0');
}

/* The rest of the words, joined by blanks. */
static bool
take_filter(struct scn_cur *c, struct scn_tcpdump *td)
{
	char why[CAPTURE_FILTER_WHY];
	struct capture_filter *cf;
	uint32_t at = c->i;
	size_t len = 0;
	char *s;

	td->filter = "";
	if (scn_cur_done(c))
		return (true);
	for (uint32_t i = at; i < c->n; i++)
		len += c->w[i].len + 1;
	s = scn_node(c, len);
	if (s == NULL)
		return (false);
	td->filter = s;
	for (; c->i < c->n; c->i++) {
		memcpy(s, c->w[c->i].s, c->w[c->i].len);
		s += c->w[c->i].len;
		*s++ = c->i + 1 < c->n ? ' ' : '\0';
	}
	/* without the library it is an error of the run, not of the text */
	if (capture_pcap_library() == NULL)
		return (true);
	cf = capture_filter_new(td->filter, why);
	if (cf == NULL)
		return (scn_cur_fail(
		    c, at, "as in pcap-filter(7)", "the filter: %s", why));
	capture_filter_free(cf);
	return (true);
}

/* An option with its value; word @i of the statement is, or holds, it. */
static bool
take_value(struct scn_cur *c, struct scn_tcpdump *td, uint32_t i, int letter,
    const char *s)
{
	int64_t v;

	switch (letter) {
	case 'i':
		td->ifname = s;
		td->link = is_link(s);
		return (scn_check_if(c, i, "an interface", s));
	case 'c':
		if (!scn_int_parse(s, &v) || v < 1 || v > 1000000000)
			return (scn_cur_fail(c, i, "1 to 1000000000",
			    "'%.32s' is no number of frames", s));
		td->count = (uint64_t)v;
		return (true);
	default:
		td->file = s;
		return (scn_check_dumpname(c, i, "a capture", s));
	}
}

static bool
take_options(struct scn_cur *c, struct scn_tcpdump *td)
{
	const char *words[SCN_WORDS_MAX];
	uint32_t at = c->i;
	struct getarg ga;
	int l;

	for (uint32_t i = at; i < c->n; i++)
		words[i - at] = c->w[i].s;
	getarg_begin(&ga, (int)(c->n - at), words);
	while ((l = getarg(&ga, "tcpdump", "nelc:w:i:")) > 0) {
		if (l == 'n')
			td->flags |= TCPDUMP_NUMERIC;
		else if (l == 'e')
			td->flags |= TCPDUMP_ETHER;
		else if (l != 'l' && /* lines are whole and at once anyway */
			 !take_value(
			     c, td, at + (uint32_t)ga.ga_i - 1, l, ga.ga_value))
			return (false);
	}
	if (l < 0)
		return (scn_cur_fail(
		    c, at + (uint32_t)ga.ga_bad, NULL, "%s", ga.ga_why));
	c->i = at + (uint32_t)ga.ga_i;
	return (true);
}

/* tcpdump [-nel] [-c COUNT] [-w FILE] -i IF|LINK [FILTER] */
bool
scn_parse_tcpdump(struct scn_cur *c)
{
	struct scn_tcpdump *td = scn_node(c, sizeof(*td));

	if (td == NULL)
		return (false);
	c->st->kind = SCN_TCPDUMP;
	c->st->u.tcpdump = td;
	if (!take_options(c, td))
		return (false);
	if (td->ifname == NULL)
		return (scn_cur_fail(c, c->i, NULL, "expected -i IF"));
	if (td->link && strcmp(c->st->jail, SCN_HOST) != 0)
		return (scn_cur_fail(c, c->i - 1,
		    "-i epair0a, or without jexec",
		    "a jail sees its interfaces, not the link %s", td->ifname));
	return (take_filter(c, td));
}

/* tcpdump JAIL IF ( [OP] N | output "text" ) */
bool
scn_parse_tcpdump_claim(struct scn_cur *c, struct scn_claim *cl)
{
	const struct scn_word *w;

	c->form = "expect tcpdump JAIL IF [OP] N | "
		  "expect tcpdump JAIL IF output \"text\"";
	if (!scn_take_jail(c, "a jail", &cl->jail) ||
	    !scn_need_jail(c, c->i - 1, cl->jail) ||
	    !scn_take_if(c, "an interface or a link", &cl->name))
		return (false);
	if (!scn_cur_accept(c, "output"))
		return (scn_claim_number(c, cl));
	w = scn_take(c, "a text");
	cl->text = w != NULL ? w->s : NULL;
	return (w != NULL);
}
