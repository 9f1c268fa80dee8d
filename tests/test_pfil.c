/*
 * test_pfil.c - packet filters: verdicts, places, hooks that change hooks,
 * packets that wait, and modules that forget.
 *
 * A rule is world memory: what the hook answers, what it does meanwhile, and
 * how often it was asked.
 */
#include <string.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/netisr.h>
#include <vnetsim/kern/pfil.h>
#include "src/core/world.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "src/net/link/link.h"
#include "tests/lib/tstack.h"

struct rule {
	pfil_return_t verdict;
	char letter; /* written to `heard` */
	uint32_t in, out;
	uint32_t newdst; /* 0: leave it */
	int mod;         /* seen in kctx */
	bool hadinp;
	bool freeit; /* DROPPED, and the packet is gone already */
	pfil_hook_t *remove, *remove2;
	pfil_hook_t append; /* link it while running */
};

static char heard[64];

static void
rewrite(struct mbuf *m, uint32_t dst)
{
	uint8_t *p = mtod(m, uint8_t *);

	be32enc(p + IP_O_DST, dst);
	if ((m->m_pkthdr.csum_flags & CSUM_IP) == 0) {
		be16enc(p + IP_O_SUM, 0);
		be16enc(p + IP_O_SUM, in_cksum(m, 0, IP_HDRLEN, 0));
	}
}

static int
hook_on(pfil_hook_t h, int dir, bool append)
{
	struct pfil_link_args pl = { .pa_version = PFIL_VERSION,
		.pa_flags = dir | PFIL_HEADPTR | PFIL_HOOKPTR |
			    (append ? PFIL_APPEND : 0) };

	pl.pa_head = V_inet_pfil_head;
	pl.pa_hook = h;
	return (pfil_link(&pl));
}

static pfil_return_t
filter(struct mbuf **mp, struct ifnet *ifp, int flags, void *arg,
    struct inpcb *inp)
{
	struct rule *r = arg;
	size_t n = strlen(heard);
	struct mbuf *m = *mp;

	assert_non_null(ifp);
	assert_ptr_equal(uma_owner(ifp), curvnet);
	assert_int_equal(*mtod(m, uint8_t *), 0x45);
	if (n + 1 < sizeof(heard))
		heard[n] = r->letter;
	if (flags == PFIL_IN)
		r->in++;
	else
		r->out++;
	r->mod = kctx->kc_mod;
	r->hadinp = inp != NULL;
	if (r->newdst != 0)
		rewrite(m, r->newdst);
	if (r->remove != NULL) {
		pfil_remove_hook(*r->remove);
		*r->remove = NULL;
	}
	if (r->remove2 != NULL) {
		pfil_remove_hook(*r->remove2);
		*r->remove2 = NULL;
	}
	if (r->append != NULL) {
		assert_int_equal(hook_on(r->append, flags, true), 0);
		r->append = NULL;
	}
	if (r->verdict == PFIL_CONSUMED || r->freeit) {
		m_freem(m);
		*mp = NULL;
	}
	if (r->verdict == PFIL_REALLOCED) {
		*mp = m_dup(m, M_NOWAIT);
		assert_non_null(*mp);
		m_freem(m);
	}
	return (r->verdict);
}

static struct rule *
rule(char letter, pfil_return_t verdict)
{
	struct rule *r = world_user_alloc(sizeof(*r), false);

	assert_non_null(r);
	memset(r, 0, sizeof(*r));
	r->letter = letter;
	r->verdict = verdict;
	return (r);
}

static pfil_hook_t
hook_new(struct rule *r, int mod)
{
	static char names[2] = "r";
	struct pfil_hook_args pa = {
		.pa_version = PFIL_VERSION,
		.pa_flags = PFIL_IN | PFIL_OUT,
		.pa_type = PFIL_TYPE_IP4,
		.pa_func = filter,
		.pa_ruleset = r,
		.pa_modname = "test",
		.pa_rulname = names,
		.pa_mod = mod,
	};

	return (pfil_add_hook(&pa));
}

static pfil_hook_t
hook_at(struct rule *r, int dir, bool append)
{
	pfil_hook_t h = hook_new(r, VNET_MOD_icmp);

	assert_non_null(h);
	assert_int_equal(hook_on(h, dir, append), 0);
	return (h);
}

static struct st s;
static struct vnet_frame frame;

static struct vnet *
jail_vnet(uint32_t id)
{
	struct vnet *v = vnet_byid(id);

	assert_non_null(v);
	return (v);
}

/* Into the client (vnet 2) and out again. */
static void
in(void)
{
	assert_true(
	    vnet_enter(&frame, jail_vnet(2), DOOR_ADMIN, VNET_MOD_core));
}

static void
out(void)
{
	vnet_leave(&frame);
}

static int
setup(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	memset(heard, 0, sizeof(heard));
	assert_true(st_open(&s, NULL));
	st_setup(&s);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	st_close(&s);
	return (0);
}

static int
ping(uint32_t dst)
{
	vnetsim_handle op;

	memset(heard, 0, sizeof(heard));
	if (vnetsim_ping(s.w, s.cli, dst, 56, 100 * ST_MS, &op) != 0)
		return (-1);
	return (st_await(&s, op, ST_S));
}

static int64_t
drops(const char *oid)
{
	int64_t v = -1;

	assert_int_equal(vnetsim_sysctl_get(s.w, s.cli, oid, &v), 0);
	return (v);
}

/* Packets that the hub took. */
static int64_t
delivered(void)
{
	int64_t v = -1;

	assert_int_equal(vnetsim_sysctl_get(
			     s.w, s.hub, "net.inet.ip.stats.ips_delivered", &v),
	    0);
	return (v);
}

static void
end(void)
{
	assert_int_equal(st_finish(&s), 0);
}

/* ---- tests ---- */

static void
nothing_hooked_is_nothing_asked(void **state)
{
	struct pfil_head *head;
	uint64_t objects;

	(void)state;
	assert_int_equal(ping(ST_HUB), 0);
	in();
	head = V_inet_pfil_head;
	assert_non_null(head);
	assert_false(PFIL_HOOKED_IN(head) || PFIL_HOOKED_OUT(head));
	objects = vnetsim_ledger(s.w, 2);
	out();
	/* whoever walks the chains would not come back */
	head->head_running = UINT32_MAX / 2;
	head->head_in.stqh_first = (struct pfil_link *)head;
	head->head_out.stqh_first = (struct pfil_link *)head;
	assert_int_equal(ping(ST_HUB), 0);
	head->head_in.stqh_first = head->head_out.stqh_first = NULL;
	assert_int_equal(head->head_running, UINT32_MAX / 2);
	head->head_running = 0;
	assert_int_equal(vnetsim_ledger(s.w, 2), objects);
	end();
}

static void
both_directions_in_order(void **state)
{
	struct rule *a = rule('a', PFIL_PASS), *b = rule('b', PFIL_PASS);
	struct rule *c = rule('c', PFIL_REALLOCED), *o = rule('o', PFIL_PASS);
	pfil_hook_t ha, hb, hc, ho;

	(void)state;
	in();
	hb = hook_at(b, PFIL_IN, true);
	hc = hook_at(c, PFIL_IN, true);
	ha = hook_at(a, PFIL_IN, false);
	ho = hook_at(o, PFIL_OUT, false);
	out();
	assert_int_equal(ping(ST_HUB), 0);
	assert_string_equal(heard, "oabc");
	assert_int_equal(a->in, 1);
	assert_int_equal(a->out, 0);
	assert_int_equal(o->out, 1);
	assert_int_equal(a->mod, VNET_MOD_icmp);
	/* the other vnet's packets are none of ours */
	assert_int_equal(a->in + b->in + c->in + o->out, 4);
	in();
	pfil_remove_hook(ha);
	pfil_remove_hook(hb);
	pfil_remove_hook(hc);
	pfil_remove_hook(ho);
	pfil_remove_hook(NULL);
	out();
	assert_int_equal(ping(ST_HUB), 0);
	assert_string_equal(heard, "");
	end();
}

static void
the_socket_is_known_on_the_way_out(void **state)
{
	struct rule *r = rule('r', PFIL_PASS);
	struct vnetsim_addr to = { ST_HUB, 9 };
	vnetsim_handle op;
	size_t done;
	pfil_hook_t h;
	int fd;

	(void)state;
	in();
	h = hook_at(r, PFIL_OUT, true);
	out();
	assert_int_equal(vnetsim_socket(s.w, s.pcli, VNETSIM_UDP, &fd), 0);
	assert_int_equal(
	    vnetsim_send(s.w, s.pcli, fd, "x", 1, &to, 0, &done, &op), 0);
	assert_int_equal(r->out, 1);
	assert_true(r->hadinp);
	in();
	pfil_remove_hook(h);
	out();
	end();
}

static void
verdicts_in(void **state)
{
	struct rule *r = rule('r', PFIL_DROPPED), *z = rule('z', PFIL_PASS);
	pfil_hook_t h, hz;

	(void)state;
	in();
	h = hook_at(r, PFIL_IN, true);
	hz = hook_at(z, PFIL_IN, true);
	out();
	assert_int_equal(ping(ST_HUB), VE_TIMEDOUT);
	assert_int_equal(drops("net.drop.pfil.in"), 1);
	r->freeit = true;
	assert_int_equal(ping(ST_HUB), VE_TIMEDOUT);
	assert_int_equal(drops("net.drop.pfil.in"), 2);
	r->freeit = false;
	r->verdict = PFIL_CONSUMED;
	assert_int_equal(ping(ST_HUB), VE_TIMEDOUT);
	assert_int_equal(drops("net.drop.pfil.in"), 2);
	assert_int_equal(z->in, 0);
	/* to somebody else: no longer for us */
	r->verdict = PFIL_PASS;
	r->newdst = ST_HUB + 7;
	assert_int_equal(ping(ST_HUB), VE_TIMEDOUT);
	assert_int_equal(drops("net.drop.ip.notforus"), 1);
	r->newdst = 0;
	assert_int_equal(ping(ST_HUB), 0);
	assert_int_equal(z->in, 2);
	in();
	pfil_remove_hook(h);
	pfil_remove_hook(hz);
	out();
	end();
}

static void
verdicts_out(void **state)
{
	struct rule *r = rule('r', PFIL_DROPPED);
	pfil_hook_t h;
	int64_t got;

	(void)state;
	in();
	h = hook_at(r, PFIL_OUT, true);
	out();
	assert_int_equal(ping(ST_HUB), VE_ACCES);
	assert_int_equal(drops("net.drop.pfil.out"), 1);
	r->verdict = PFIL_CONSUMED;
	assert_int_equal(ping(ST_HUB), VE_TIMEDOUT);
	assert_int_equal(drops("net.drop.pfil.out"), 1);
	/* another way, or none */
	r->verdict = PFIL_PASS;
	r->newdst = ST_HUB;
	got = delivered();
	assert_int_equal(ping(ST_HUB + 7), VE_TIMEDOUT);
	assert_int_equal(r->out, 3);
	assert_int_equal(delivered(), got + 1);
	r->newdst = UINT32_C(0xc0000201);
	assert_int_equal(ping(ST_HUB), VE_HOSTUNREACH);
	in();
	pfil_remove_hook(h);
	out();
	end();
}

static void
a_hook_removes_itself_and_others(void **state)
{
	struct rule *a = rule('a', PFIL_PASS), *b = rule('b', PFIL_PASS);
	struct rule *c = rule('c', PFIL_PASS), *d = rule('d', PFIL_PASS);
	pfil_hook_t ha, hb, hc, hd;

	(void)state;
	in();
	ha = hook_at(a, PFIL_IN, true);
	hb = hook_at(b, PFIL_IN, true);
	hc = hook_at(c, PFIL_IN, true);
	hd = hook_new(d, VNET_MOD_icmp);
	out();
	a->remove = &ha;
	a->remove2 = &hb;
	a->append = hd;
	assert_int_equal(ping(ST_HUB), 0);
	assert_string_equal(heard, "acd");
	assert_null(ha);
	assert_int_equal(ping(ST_HUB), 0);
	assert_string_equal(heard, "cd");
	in();
	pfil_remove_hook(hc);
	pfil_remove_hook(hd);
	assert_false(PFIL_HOOKED_IN(V_inet_pfil_head));
	out();
	end();
}

struct deviations {
	struct deviation dv[64];
	uint32_t n;
};

static void
on_claim(void *ctx, const struct choice_point *cp)
{
	struct deviations *d = ctx;

	if (strcmp(cp->cp_stream, "netisr") == 0 && cp->cp_vnet == 2 &&
	    d->n < 64)
		d->dv[d->n++] = (struct deviation){ cp->cp_vnet, cp->cp_stream,
			cp->cp_what, cp->cp_ordinal, 1 };
}

static uint32_t
packets_waiting(void)
{
	return (netisr_queued(jail_vnet(2), VNET_MOD_ip));
}

/*
 * A packet of the loopback is claimed by "another CPU"; meanwhile the hooks
 * change.
 */
static void
claimed(bool remove)
{
	struct rule *r = rule('r', PFIL_DROPPED), *n = rule('n', PFIL_PASS);
	struct deviations d = { .n = 0 };
	struct world *w = (struct world *)s.w;
	pfil_hook_t h, hn = NULL;
	vnetsim_handle op;

	assert_int_equal(world_set_recorder(w, on_claim, &d), 0);
	assert_int_equal(ping(ST_CLI), 0);
	assert_int_equal(world_set_recorder(w, NULL, NULL), 0);
	assert_int_equal(d.n, 2); /* the request, the reply */
	d.dv[0].dv_ordinal += 2;
	assert_int_equal(world_set_deviations(w, d.dv, 1), 0);
	in();
	h = hook_at(r, PFIL_IN, true);
	out();
	memset(heard, 0, sizeof(heard));
	assert_int_equal(
	    vnetsim_ping(s.w, s.cli, ST_CLI, 56, 100 * ST_MS, &op), 0);
	while (world_deviation_used(w, 0) == 0)
		assert_true(vnetsim_step(s.w, INT64_MAX));
	assert_int_equal(packets_waiting(), 1);
	assert_string_equal(heard, "");
	in();
	if (remove) {
		pfil_remove_hook(h);
		hn = hook_at(n, PFIL_IN, true);
	}
	out();
	assert_int_equal(st_await(&s, op, ST_S), remove ? 0 : VE_TIMEDOUT);
	assert_string_equal(heard, remove ? "nn" : "r");
	in();
	pfil_remove_hook(remove ? hn : h);
	out();
	end();
}

static void
a_claimed_packet_holds_no_hook(void **state)
{
	(void)state;
	claimed(true);
}

static void
a_claimed_packet_is_filtered_when_it_runs(void **state)
{
	(void)state;
	claimed(false);
}

static void
a_forgotten_hook_names_its_module(void **state)
{
	struct rule *r = rule('r', PFIL_PASS);

	(void)state;
	in();
	(void)hook_at(r, PFIL_IN | PFIL_OUT, true);
	out();
	assert_int_equal(ping(ST_HUB), 0);
	assert_int_equal(r->in, 1);
	assert_int_equal(r->out, 1);
	(void)st_remove(&s, "cli", 100 * ST_S);
	assert_int_equal(st_finish(&s), 1);
	assert_int_equal(st_findings(&s, "order", "pfil-hook"), 1);
	assert_int_equal(st_findings_of(&s, "icmp"), 1);
}

static int
try_link(const char *head, const char *hook, int flags)
{
	struct pfil_link_args pl = { .pa_version = PFIL_VERSION,
		.pa_flags = flags };

	pl.pa_headname = head;
	pl.pa_hookname = hook;
	return (pfil_link(&pl));
}

static void
what_does_not_match_is_refused(void **state)
{
	struct pfil_hook_args pa = {
		.pa_version = PFIL_VERSION,
		.pa_flags = PFIL_IN,
		.pa_type = PFIL_TYPE_IP4,
		.pa_func = filter,
		.pa_ruleset = rule('x', PFIL_PASS),
		.pa_modname = "fw",
		.pa_rulname = "in",
	};
	pfil_hook_t h, h6;
	uint64_t objects;

	(void)state;
	in();
	h = pfil_add_hook(&pa);
	pa.pa_type = PFIL_TYPE_IP6;
	pa.pa_rulname = "in6";
	h6 = pfil_add_hook(&pa);
	objects = vnetsim_ledger(s.w, 2);
	assert_int_equal(try_link("inet", "fw:other", PFIL_IN), VE_NOENT);
	assert_int_equal(try_link("inet", "fw", PFIL_IN), VE_NOENT);
	assert_int_equal(try_link("inet6", "fw:in6", PFIL_IN), VE_NOENT);
	assert_int_equal(try_link("inet", "fw:in6", PFIL_IN), VE_INVAL);
	assert_int_equal(try_link("inet", "fw:in", PFIL_OUT), VE_INVAL);
	assert_int_equal(try_link("inet", "fw:in", PFIL_APPEND), VE_INVAL);
	assert_int_equal(
	    try_link("inet", "fw:in", PFIL_IN | PFIL_UNLINK), VE_NOENT);
	assert_int_equal(vnetsim_ledger(s.w, 2), objects);
	assert_int_equal(try_link("inet", "fw:in", PFIL_IN), 0);
	assert_int_equal(try_link("inet", "fw:in", PFIL_IN), VE_EXIST);
	assert_int_equal(try_link("inet", "fw:in", PFIL_IN | PFIL_UNLINK), 0);
	assert_int_equal(vnetsim_ledger(s.w, 2), objects);
	pfil_remove_hook(h);
	pfil_remove_hook(h6);
	out();
	end();
}

static void
without_memory_nothing_changes(void **state)
{
	struct rule *r = rule('r', PFIL_PASS);
	uint64_t objects;
	pfil_hook_t h;

	(void)state;
	in();
	objects = vnetsim_ledger(s.w, 2);
	mem_fail_set(curworld(), 1, false);
	assert_null(hook_new(r, VNET_MOD_icmp));
	h = hook_new(r, VNET_MOD_icmp);
	for (uint64_t n = 1; n <= 2; n++) {
		mem_fail_set(curworld(), n, false);
		assert_int_equal(
		    hook_on(h, PFIL_IN | PFIL_OUT, true), VE_NOMEM);
		assert_false(PFIL_HOOKED_IN(V_inet_pfil_head));
		assert_false(PFIL_HOOKED_OUT(V_inet_pfil_head));
	}
	assert_int_equal(vnetsim_ledger(s.w, 2), objects + 1);
	assert_int_equal(hook_on(h, PFIL_IN | PFIL_OUT, true), 0);
	pfil_remove_hook(h);
	assert_int_equal(vnetsim_ledger(s.w, 2), objects);
	out();
	end();
}

/* The head goes with ip; the hook is still there, and its end is in order. */
static void
a_hook_outlives_its_head(void **state)
{
	struct rule *r = rule('r', PFIL_PASS);
	pfil_hook_t h;

	(void)state;
	in();
	h = hook_at(r, PFIL_IN | PFIL_OUT, true);
	pfil_head_unregister(V_inet_pfil_head);
	V_inet_pfil_head = NULL;
	out();
	assert_int_equal(ping(ST_HUB), 0);
	assert_string_equal(heard, "");
	in();
	assert_int_equal(try_link("inet", "test:r", PFIL_IN), VE_NOENT);
	pfil_remove_hook(h);
	out();
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(nothing_hooked_is_nothing_asked),
		T(both_directions_in_order),
		T(the_socket_is_known_on_the_way_out),
		T(verdicts_in),
		T(verdicts_out),
		T(a_hook_removes_itself_and_others),
		T(a_claimed_packet_holds_no_hook),
		T(a_claimed_packet_is_filtered_when_it_runs),
		T(a_forgotten_hook_names_its_module),
		T(what_does_not_match_is_refused),
		T(without_memory_nothing_changes),
		T(a_hook_outlives_its_head),
	};

	return (cmocka_run_group_tests_name("pfil", tests, NULL, NULL) ? 1 : 0);
}
