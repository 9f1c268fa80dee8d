/*
 * import_world.c - the world in which a captured connection is told.
 *
 * What the near side said in its first segments decides how it is set up: its
 * MSS gives the MTU, a window that was closed once gives the size of its
 * buffer, the policy of a teardown that was captured is that of the jail.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/import_var.h"

/* An option of a segment; NULL: none, or shorter than @len. */
static const uint8_t *
option(const struct import_seg *sg, uint8_t kind, unsigned len)
{
	unsigned at = 0, n;

	while (at < sg->is_nopt && sg->is_opt[at] != 0) {
		n = sg->is_opt[at] == 1    ? 1
		    : at + 1 < sg->is_nopt ? sg->is_opt[at + 1]
					   : 0;
		if (n == 0 || at + n > sg->is_nopt)
			return (NULL);
		if (sg->is_opt[at] == kind)
			return (n >= len ? sg->is_opt + at : NULL);
		at += n;
	}
	return (NULL);
}

/* What must be known before the first word: MSS, window, how it reads. */
void
look_ahead(struct teller *t, const struct import_seg *sg, size_t n)
{
	const uint8_t *o;
	bool edge = false;

	t->mss = 1460;
	for (size_t i = 0; i < n; i++) {
		if (sg[i].is_dir != t->near)
			continue;
		if ((sg[i].is_flags & IMP_SYN) != 0) {
			o = option(&sg[i], 2, 4);
			t->mss = o == NULL ? 536 : (uint32_t)o[2] << 8 | o[3];
			o = option(&sg[i], 3, 3);
			t->scale = o != NULL && o[2] < 15 ? o[2] : 0;
		} else if ((sg[i].is_flags & IMP_RST) == 0) {
			t->lazy |= sg[i].is_win == 0;
			if (!edge)
				t->edge0 = (uint32_t)sg[i].is_win << t->scale;
			edge = true;
		}
	}
	if (t->mss < 32)
		t->mss = 32;
	if (t->mss > 1460)
		t->mss = t->mss < 8960 ? t->mss : 8960;
	if (t->edge0 == 0)
		t->lazy = false;
}

/* The world before anything is said. */
void
tell_world(struct teller *t)
{
	static const char *const policies[] = { "graceful", "abort", "crash" };
	const struct import_flow *fl = t->fl;
	const char *close = "";

	rbuf_add(t->out, "ifconfig epair0 create\n");
	if (t->mss != 1460)
		rbuf_add(t->out, "ifconfig epair0b mtu %" PRIu32 "\n",
		    t->mss + 40 < 72 ? 72 : t->mss + 40);
	rbuf_add(t->out, "ifconfig epair0b up\n"
			 "jail -c name=near vnet persist "
			 "vnet.interface=epair0a");
	if (fl->if_kill[t->near] >= 0 && fl->if_policy[t->near] < 3) {
		close = policies[fl->if_policy[t->near]];
		rbuf_add(t->out, " close=%s", close);
		if (fl->if_grace[t->near] > 0 && close[0] != 'c')
			rbuf_add(
			    t->out, ":%" PRId64 "ns", fl->if_grace[t->near]);
	}
	rbuf_add(t->out, "\njexec near ifconfig epair0a ");
	if (t->mss != 1460)
		rbuf_add(t->out, "mtu %" PRIu32 " ",
		    t->mss + 40 < 72 ? 72 : t->mss + 40);
	rbuf_add(t->out, "inet 10.0.0.1/24 up\n"
			 "jexec near arp -s 10.0.0.2 02:00:00:00:00:99\n"
			 "+10ms\n");
	if (t->near == 0 || !fl->if_syn[1])
		return;
	if (t->lazy)
		rbuf_add(t->out,
		    "near s = bind tcp %u\nnear setsockopt s SO_RCVBUF "
		    "%" PRIu32 "\nnear listen s\n",
		    fl->if_port[t->near], t->edge0);
	else
		rbuf_add(
		    t->out, "near s = listen tcp %u\n", fl->if_port[t->near]);
	rbuf_add(t->out, "near c = accept s\n");
	t->open = true;
}
