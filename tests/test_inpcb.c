/*
 * test_inpcb.c - pcbs against a model, at 100,000, and at their limits.
 *
 * The model is a plain array that is walked; it knows the rules of bind and
 * connect as in_pcb_port.c states them.
 */
#include <stdlib.h>
#include <time.h>
#include "src/net/inet/in_pcb_var.h"
#include "tests/test_socket.h"

#define MODEL_MAX 300

static uint64_t rng;

static uint32_t
rnd(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return ((uint32_t)(rng >> 20) % n);
}

static struct inpcb *
newpcb(struct env *e)
{
	return (env_socket(e, SOCK_DGRAM)->so_pcb);
}

static void
delpcb(struct inpcb *inp)
{
	(void)soclose(inp->inp_socket);
}

/* ---- errnos ---- */

static void
bind_answers(void **state)
{
	struct env e;
	struct inpcb *a, *b;

	(void)state;
	env_open(&e);
	a = newpcb(&e);
	b = newpcb(&e);
	assert_int_equal(in_pcbbind(a, AT(PEER, 80)), VE_ADDRNOTAVAIL);
	assert_int_equal(in_pcbbind(a, AT(HOST1, 80)), 0);
	assert_int_equal(a->inp_flags, 0);
	assert_int_equal(in_pcbbind(a, AT(HOST1, 81)), VE_INVAL);
	assert_int_equal(in_pcbbind(b, AT(HOST1, 80)), VE_ADDRINUSE);
	assert_int_equal(in_pcbbind(b, AT(0, 80)), VE_ADDRINUSE);
	assert_int_equal(b->inp_lport, 0);
	assert_int_equal(in_pcbbind(b, AT(HOST2, 80)), 0);
	in_pcbunbind(b);
	/* SO_REUSEADDR: any beside one address, but not twice the same */
	b->inp_socket->so_options |= SO_REUSEADDR;
	assert_int_equal(in_pcbbind(b, AT(HOST1, 80)), VE_ADDRINUSE);
	assert_int_equal(in_pcbbind(b, AT(0, 80)), 0);
	assert_ptr_equal(
	    in_pcblookup(&V_udp.udbinfo, PEER, 5, HOST1, 80, true), a);
	assert_ptr_equal(
	    in_pcblookup(&V_udp.udbinfo, PEER, 5, HOST2, 80, true), b);
	assert_null(in_pcblookup(&V_udp.udbinfo, PEER, 5, HOST1, 80, false));
	delpcb(a);
	delpcb(b);
	env_close(&e);
}

/* A listener can be restarted beside its old connections, TIME_WAIT or not. */
static void
bind_beside_connections(void **state)
{
	struct env e;
	struct inpcb *conn, *b;

	(void)state;
	env_open(&e);
	conn = newpcb(&e);
	b = newpcb(&e);
	assert_int_equal(in_pcbinshash(conn, HOST1, 80, PEER, 5), 0);
	conn->inp_flags |= INP_TIMEWAIT;
	assert_int_equal(in_pcbbind(b, AT(0, 80)), VE_ADDRINUSE);
	assert_int_equal(in_pcbbind(b, AT(HOST2, 80)), 0);
	in_pcbunbind(b);
	b->inp_socket->so_options |= SO_REUSEADDR;
	assert_int_equal(in_pcbbind(b, AT(0, 80)), 0);
	in_pcbunbind(b);
	b->inp_socket->so_options = 0;
	in_pcbdrop(conn);
	assert_int_equal(in_pcbbind(b, AT(0, 80)), 0);
	delpcb(conn);
	delpcb(b);
	env_close(&e);
}

static void
connect_answers(void **state)
{
	struct env e;
	struct inpcb *a, *b;

	(void)state;
	env_open(&e);
	a = newpcb(&e);
	b = newpcb(&e);
	assert_int_equal(in_pcbconnect(a, AT(PEER, 0)), VE_ADDRNOTAVAIL);
	assert_int_equal(
	    in_pcbconnect(a, AT(IP(8, 8, 8, 8), 1)), VE_NETUNREACH);
	assert_int_equal(a->inp_lport | a->inp_laddr, 0);
	assert_int_equal(in_pcbbind(a, AT(HOST1, 80)), 0);
	assert_int_equal(in_pcbconnect(a, AT(PEER, 7)), 0);
	assert_int_equal(a->inp_flags & INP_ANONPORT, 0);
	assert_int_equal(in_pcbinshash(b, HOST1, 80, PEER, 7), VE_ADDRINUSE);
	assert_int_equal(in_pcbinshash(b, HOST1, 80, PEER, 8), 0);
	assert_ptr_equal(
	    in_pcblookup(&V_udp.udbinfo, PEER, 8, HOST1, 80, false), b);
	assert_null(in_pcblookup(&V_udp.udbinfo, PEER, 9, HOST1, 80, true));
	/* connected to 0.0.0.0: to ourselves */
	in_pcbdrop(b);
	delpcb(b);
	b = newpcb(&e);
	assert_int_equal(in_pcbconnect(b, AT(0, 7)), 0);
	assert_int_equal(b->inp_faddr, INADDR_LOOPBACK);
	assert_int_equal(b->inp_laddr, INADDR_LOOPBACK);
	assert_true(b->inp_lport >= 10000);
	assert_int_not_equal(b->inp_flags & INP_ANONPORT, 0);
	in_pcbdisconnect(b);
	assert_ptr_equal(in_pcblookup(&V_udp.udbinfo, PEER, 9, INADDR_LOOPBACK,
			     b->inp_lport, true),
	    b);
	in_af_register(NULL);
	in_pcbdisconnect(a);
	assert_int_equal(in_pcbconnect(a, AT(PEER, 7)), VE_NETDOWN);
	in_af_register(&fip_ops);
	delpcb(a);
	delpcb(b);
	env_close(&e);
}

/* ---- ports ---- */

static void
ports_run_out(void **state)
{
	struct env e;
	struct inpcb *a[101];
	bool seen[101] = { false };
	uint32_t i, k;

	(void)state;
	env_open(&e);
	V_inpcb.first = 20000;
	V_inpcb.last = 20099;
	for (i = 0; i < 100; i++) {
		a[i] = newpcb(&e);
		assert_int_equal(in_pcbbind(a[i], NULL), 0);
		assert_int_equal(a[i]->inp_flags, INP_ANONPORT);
		k = a[i]->inp_lport - 20000u;
		assert_true(k < 100 && !seen[k]);
		seen[k] = true;
	}
	a[100] = newpcb(&e);
	assert_int_equal(in_pcbbind(a[100], NULL), VE_ADDRNOTAVAIL);
	/* a connection needs only a 4-tuple of its own */
	assert_int_equal(in_pcbconnect(a[100], AT(PEER, 1)), 0);
	delpcb(a[100]);
	/* one leaves: its port is the one that is left */
	k = a[42]->inp_lport;
	delpcb(a[42]);
	a[42] = newpcb(&e);
	assert_int_equal(in_pcbbind(a[42], AT(0, 0)), 0);
	assert_int_equal(a[42]->inp_lport, k);
	for (i = 0; i < 100; i++)
		delpcb(a[i]);
	env_close(&e);
}

/* All ports to one peer, none to spare; another peer still works. */
static void
four_tuples_run_out(void **state)
{
	struct env e;
	struct inpcb *a[12];
	uint32_t i;

	(void)state;
	env_open(&e);
	V_inpcb.first = V_inpcb.last = 30000;
	for (i = 0; i < 12; i++)
		a[i] = newpcb(&e);
	assert_int_equal(in_pcbconnect(a[0], AT(PEER, 1)), 0);
	assert_int_equal(in_pcbconnect(a[1], AT(PEER, 1)), VE_ADDRNOTAVAIL);
	for (i = 1; i < 12; i++)
		assert_int_equal(
		    in_pcbconnect(a[i], AT(PEER, (uint16_t)(i + 1))), 0);
	for (i = 0; i < 12; i++)
		delpcb(a[i]);
	env_close(&e);
}

static void
ports_in_order(void **state)
{
	struct env e;
	struct inpcb *a;
	uint32_t i;

	(void)state;
	env_open(&e);
	V_inpcb.randomized = 0;
	V_inpcb.first = 65530;
	V_inpcb.last = 65535;
	for (i = 0; i < 13; i++) {
		a = newpcb(&e);
		assert_int_equal(in_pcbbind(a, NULL), 0);
		assert_int_equal(a->inp_lport, 65530 + i % 6);
		delpcb(a);
	}
	env_close(&e);
}

/* ---- against a model ---- */

struct model {
	struct inpcb *inp;
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	bool reuse;
};

static struct model mod[MODEL_MAX];

static uint32_t
addr_of(uint32_t k)
{
	static const uint32_t addr[] = { 0, HOST1, HOST2, INADDR_LOOPBACK };

	return (addr[k]);
}

static int
model_bind(const struct model *me, uint32_t laddr, uint16_t lport)
{
	const struct model *t;
	bool same;

	if (me->lport != 0 || me->laddr != 0)
		return (VE_INVAL);
	for (t = mod; t < mod + MODEL_MAX; t++) {
		if (t->inp == NULL || t->lport != lport)
			continue;
		same = t->laddr == laddr;
		if (me->reuse ? same && t->fport == 0
			      : same || t->laddr == 0 || laddr == 0)
			return (VE_ADDRINUSE);
	}
	return (0);
}

static const struct model *
model_find(uint32_t f, uint16_t fp, uint32_t l, uint16_t lp)
{
	const struct model *t;

	for (t = mod; t < mod + MODEL_MAX; t++)
		if (t->inp != NULL && t->lport == lp && t->laddr == l &&
		    t->faddr == f && t->fport == fp)
			return (t);
	return (NULL);
}

static void
model_lookup(void)
{
	uint32_t f = PEER + rnd(3), l = addr_of(1 + rnd(3));
	uint16_t fp = (uint16_t)(1 + rnd(4)), lp = (uint16_t)(1 + rnd(40));
	const struct model *t = model_find(f, fp, l, lp);
	struct inpcb *inp;

	inp = in_pcblookup(&V_udp.udbinfo, f, fp, l, lp, false);
	assert_ptr_equal(inp, t != NULL ? t->inp : NULL);
	if (t == NULL)
		t = model_find(0, 0, l, lp);
	if (t == NULL)
		t = model_find(0, 0, 0, lp);
	inp = in_pcblookup(&V_udp.udbinfo, f, fp, l, lp, true);
	assert_ptr_equal(inp, t != NULL ? t->inp : NULL);
}

static void
model_step(struct env *e)
{
	struct model *t = &mod[rnd(MODEL_MAX)];
	uint32_t laddr = addr_of(rnd(4)), f = PEER + rnd(3);
	uint16_t lport = (uint16_t)(1 + rnd(40)), fp = (uint16_t)(1 + rnd(4));
	int error;

	if (t->inp == NULL) {
		*t = (struct model){ .inp = newpcb(e), .reuse = rnd(2) };
		if (t->reuse)
			t->inp->inp_socket->so_options |= SO_REUSEADDR;
	} else if (rnd(4) == 0) {
		delpcb(t->inp);
		t->inp = NULL;
	} else if (t->fport == 0 && rnd(3) == 0 && t->lport != 0) {
		laddr = t->laddr != 0 ? t->laddr : HOST1;
		error = model_find(f, fp, laddr, t->lport) != NULL
			    ? VE_ADDRINUSE
			    : 0;
		assert_int_equal(in_pcbconnect(t->inp, AT(f, fp)), error);
		if (error == 0) {
			t->laddr = laddr;
			t->faddr = f;
			t->fport = fp;
		}
	} else {
		error = model_bind(t, laddr, lport);
		assert_int_equal(in_pcbbind(t->inp, AT(laddr, lport)), error);
		if (error == 0) {
			t->laddr = laddr;
			t->lport = lport;
		}
	}
}

static void
pcbs_follow_the_model(void **state)
{
	struct env e;
	uint32_t i;

	(void)state;
	env_open(&e);
	rng = UINT64_C(0x1234567890abcdef);
	memset(mod, 0, sizeof(mod));
	for (i = 0; i < 60000; i++) {
		model_step(&e);
		model_lookup();
		if (i % 1000 == 0)
			env_run(&e);
	}
	for (i = 0; i < MODEL_MAX; i++)
		if (mod[i].inp != NULL)
			delpcb(mod[i].inp);
	assert_int_equal(V_udp.udbinfo.ipi_count, 0);
	assert_int_equal(
	    uma_count(&inpcb_zone, curvnet), 0 + epoch_pending(curvnet));
	env_close(&e);
}

/* ---- many ---- */

static double
cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

#define MANY 100000

/* Longest chain of a bucket. */
static uint32_t
chain_max(const struct in_hash *h)
{
	const struct in_hnode *n;
	uint32_t i, len, max = 0, off;

	for (i = 0; i < h->h_n; i++) {
		len = 0;
		off = i < 4096 ? h->h_bucket[i]
			       : h->h_dir[i / 4096 - 1][i % 4096];
		for (; off != 0; off = n->hn_next) {
			n = (const void *)(kctx->kc_world->w_mem.wm_base +
					   ((size_t)off << 3));
			len++;
		}
		max = imax(max, len);
	}
	return (max);
}

/* All on one port, as a server has them; the listener stays one probe away. */
static void
a_hundred_thousand(void **state)
{
	static struct inpcb *a[MANY];
	struct env e;
	struct inpcb *lst, *inp;
	double t0, t, worst = 0, sum = 0;
	uint32_t i, k;

	(void)state;
	env_open(&e);
	lst = newpcb(&e);
	assert_int_equal(in_pcbbind(lst, AT(0, 80)), 0);
	for (i = 0; i < MANY; i++) {
		a[i] = newpcb(&e);
		t0 = cpu();
		assert_int_equal(
		    in_pcbinshash(a[i], HOST1, 80, IP(10, 1, 0, 0) + i / 50,
			(uint16_t)(1000 + i % 50)),
		    0);
		t = cpu() - t0;
		worst = t > worst ? t : worst;
		sum += t;
	}
	assert_true(chain_max(&V_udp.udbinfo.ipi_hash) <= 16);
	assert_int_equal(V_udp.udbinfo.ipi_ports.h_count, 1);
	t0 = cpu();
	for (i = 0; i < MANY; i++) {
		k = (i * 7919u) % MANY;
		inp = in_pcblookup(&V_udp.udbinfo, IP(10, 1, 0, 0) + k / 50,
		    (uint16_t)(1000 + k % 50), HOST1, 80, true);
		assert_ptr_equal(inp, a[k]);
	}
	t = (cpu() - t0) / MANY;
	t0 = cpu();
	for (i = 0; i < MANY; i++)
		assert_ptr_equal(in_pcblookup(&V_udp.udbinfo,
				     IP(10, 9, 0, 0) + i, 1, HOST1, 80, true),
		    lst);
	print_message("100,000 pcbs: insert %.0f ns (longest %.0f us), lookup "
		      "%.0f ns, listener %.0f ns\n",
	    sum / MANY, worst / 1e3, t, (cpu() - t0) / MANY);
	for (i = 0; i < MANY; i++)
		delpcb(a[i]);
	delpcb(lst);
	env_close(&e);
}

/* ---- memory ---- */

/* Each allocation of bind, connect and growth fails in turn. */
static void
memory_may_fail(void **state)
{
	struct env e;
	struct inpcb *a[40];
	struct inpcb *b;
	uint64_t nth, before;
	uint32_t i, failed = 0;
	int error;

	(void)state;
	env_open(&e);
	for (nth = 1; nth < 8; nth++) {
		b = newpcb(&e);
		before = world_hash(curvnet, 0);
		mem_fail_set(e.w, nth, false);
		error = nth % 2 == 0 ? in_pcbbind(b, AT(HOST1, 80))
				     : in_pcbconnect(b, AT(PEER, 80));
		mem_fail_set(e.w, 0, false);
		if (error != 0) {
			assert_int_equal(error, VE_NOBUFS);
			assert_int_equal(world_hash(curvnet, 0), before);
			assert_int_equal(b->inp_lport | b->inp_laddr, 0);
			failed++;
		}
		delpcb(b);
		env_run(&e);
	}
	assert_true(failed >= 3);
	/* a table that cannot grow still works */
	for (i = 0; i < 40; i++)
		a[i] = newpcb(&e);
	for (i = 0; i < 40; i++) {
		/* port object first, then perhaps the table */
		mem_fail_set(e.w, 2, true);
		assert_int_equal(
		    in_pcbbind(a[i], AT(HOST1, (uint16_t)(100 + i))), 0);
		mem_fail_set(e.w, 0, false);
	}
	assert_int_equal(V_udp.udbinfo.ipi_hash.h_cap, 8);
	for (i = 0; i < 40; i++) {
		assert_ptr_equal(in_pcblookup(&V_udp.udbinfo, PEER, 1, HOST1,
				     (uint16_t)(100 + i), true),
		    a[i]);
		delpcb(a[i]);
	}
	env_close(&e);
}

static struct in_hnode *
hash_find(const struct in_hash *h, const struct in_hnode *want)
{
	struct in_hnode *n;

	for (n = in_hash_first(h, want->hn_hash); n != NULL && n != want;
	     n = in_hash_next(n))
		;
	return (n);
}

/* The hash alone: segments and directory come late, or one by one. */
static void
the_hash_grows_when_it_can(void **state)
{
	const uint32_t max = 60000;
	struct env e;
	struct in_hash h = { 0 };
	struct in_hnode *n;
	uint32_t i;

	(void)state;
	env_open(&e);
	n = kmalloc(&in_hash_zone, max * sizeof(*n), M_ZERO);
	assert_non_null(n);
	mem_fail_set(e.w, 1, true);
	assert_false(in_hash_insert(&h, &n[0], 7));
	assert_int_equal(h.h_count, 0);
	for (i = 0; i < max; i++) {
		/* no directory; one without a segment; no segment */
		if (i >= 4096 && i < 15000)
			mem_fail_set(e.w, i == 9000 ? 2 : 1, true);
		else
			mem_fail_set(e.w, 0, false);
		assert_true(
		    in_hash_insert(&h, &n[i], in_hash_mix(i % (max / 2))));
		if (i == 8999 || i == 9000)
			assert_int_equal(h.h_dircap, i == 9000 ? 4 : 0);
		if (i == 14999)
			assert_int_equal(h.h_cap, 4096);
	}
	mem_fail_set(e.w, 0, false);
	assert_true(h.h_n > 40000 && h.h_dircap >= 8);
	for (i = 0; i < max; i++)
		assert_ptr_equal(hash_find(&h, &n[i]), &n[i]);
	for (i = 0; i < max; i += 2)
		in_hash_remove(&h, &n[i]);
	for (i = 0; i < max; i++)
		assert_ptr_equal(
		    hash_find(&h, &n[i]), i % 2 != 0 ? &n[i] : NULL);
	for (i = 1; i < max; i += 2)
		in_hash_remove(&h, &n[i]);
	assert_int_equal(h.h_count, 0);
	in_hash_destroy(&h);
	kfree(&in_hash_zone, n);
	env_close(&e);
}

/* The credential goes at once, the memory after a grace period. */
static void
a_freed_pcb_pins_nothing(void **state)
{
	struct env e;
	struct socket *so;

	(void)state;
	env_open(&e);
	/* one that was in no table goes at once */
	(void)soclose(env_socket(&e, SOCK_DGRAM));
	assert_int_equal(uma_count(&inpcb_zone, curvnet), 0);
	so = env_socket(&e, SOCK_DGRAM);
	assert_int_equal(sobind(so, AT(0, 80)), 0);
	assert_int_equal(uma_count(&inpcb_zone, curvnet), 1);
	(void)soclose(so);
	assert_int_equal(uma_count(&inpcb_zone, curvnet), 1);
	assert_int_equal(ref_count(env_cred(&e)), 1);
	assert_int_equal(V_udp.udbinfo.ipi_count, 0);
	env_run(&e);
	assert_int_equal(uma_count(&inpcb_zone, curvnet), 0);
	env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bind_answers),
		cmocka_unit_test(bind_beside_connections),
		cmocka_unit_test(connect_answers),
		cmocka_unit_test(ports_run_out),
		cmocka_unit_test(four_tuples_run_out),
		cmocka_unit_test(ports_in_order),
		cmocka_unit_test(pcbs_follow_the_model),
		cmocka_unit_test(a_hundred_thousand),
		cmocka_unit_test(memory_may_fail),
		cmocka_unit_test(the_hash_grows_when_it_can),
		cmocka_unit_test(a_freed_pcb_pins_nothing),
	};

	return (
	    cmocka_run_group_tests_name("inpcb", tests, NULL, NULL) ? 1 : 0);
}
