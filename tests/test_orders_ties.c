/*
 * test_orders_ties.c - modules that share a slot and a level, both ways.
 *
 * Three modules of one slot and one level between a lower and a higher one
 * write down what is done to them.
 */
#include <string.h>
#include <vnetsim/vnetsim.h>
#include "src/core/vnet_var.h"
#include "src/teardown/teardown.h"
#include "tests/lib/tworld.h"

static char done[64];
static int failing; /* letter of the init that fails, 0: none */

static void
note(char c)
{
	size_t n = strlen(done);

	assert_true(n + 1 < sizeof(done));
	done[n] = c;
	done[n + 1] = '\0';
}

#define MODULE(id, c, C, slot, level)                                          \
	static int c##_init(void)                                              \
	{                                                                      \
		note(#c[0]);                                                   \
		return (failing == #c[0] ? VE_NOMEM : 0);                      \
	}                                                                      \
	static enum op_verdict c##_shutdown(struct op *op)                     \
	{                                                                      \
		(void)op;                                                      \
		note(#C[0]);                                                   \
		return (OP_DONE);                                              \
	}                                                                      \
	static void c##_uninit(void)                                           \
	{                                                                      \
		note(#c[0]);                                                   \
	}                                                                      \
	static void c##_sysinit(const void *arg)                               \
	{                                                                      \
		(void)arg;                                                     \
		note('+');                                                     \
	}                                                                      \
	static const struct vnet_sysinit c##_sysinits[] = {                    \
		VNET_SYSINIT(c, SI_SUB_PROTO_DOMAIN, slot, c##_sysinit, NULL), \
	};                                                                     \
	static const struct vnet_module module_##c = {                         \
		.vm_name = #c,                                                 \
		.vm_id = VNET_MOD_##id,                                        \
		.vm_abi = VNETSIM_KERN_ABI,                                    \
		.vm_sub = SI_SUB_PROTO_DOMAIN,                                 \
		.vm_order = slot,                                              \
		.vm_level = level,                                             \
		.vm_unsub = SI_SUB_PROTO_DOMAIN,                               \
		.vm_unorder = slot,                                            \
		.vm_init = c##_init,                                           \
		.vm_shutdown = c##_shutdown,                                   \
		.vm_uninit = c##_uninit,                                       \
		.vm_sysinits = c##_sysinits,                                   \
		.vm_nsysinits = sizeof(#c) == 2 && #c[0] == 'b',               \
	}

MODULE(ip, l, L, SI_ORDER_FIRST, 500);
MODULE(icmp, a, A, SI_ORDER_ANY, 600);
MODULE(udp, b, B, SI_ORDER_ANY, 600);
MODULE(tcp, c, C, SI_ORDER_ANY, 600);
MODULE(socket, h, H, SI_ORDER_ANY + 1, 700);

static const struct vnet_module *const modules[] = { &module_l, &module_a,
	&module_b, &module_c, &module_h, NULL };
static const struct world_upcalls upcalls = { .wu_reap = teardown_reap };

static struct world *
world(unsigned ties)
{
	struct world_config cfg = tw_config(modules);
	struct world *w;

	cfg.wc_upcalls = &upcalls;
	cfg.wc_ties = (uint8_t)ties;
	w = tw_create_cfg(&cfg);
	assert_int_equal(teardown_init(w), 0);
	return (w);
}

/* A jail comes and goes. */
static void
jail(struct world *w, const char *born, const char *dead)
{
	done[0] = '\0';
	assert_non_null(tw_jail("j"));
	assert_string_equal(done, born);
	done[0] = '\0';
	assert_int_equal(prison_remove(prison_find("j", false)), 0);
	tw_run(w);
	assert_string_equal(done, dead);
}

static void
ties_go_by_the_list_or_the_other_way(void **state)
{
	struct world *w;

	(void)state;
	w = world(VNETSIM_TIES_NAME);
	/* let go: highest level first; free: the same */
	jail(w, "lab+ch", "HABCLhabcl");
	/* of the end alone */
	assert_int_equal(teardown_order_ties(VNETSIM_TIES_REVERSE), 0);
	jail(w, "lab+ch", "HCBALlcbah");
	assert_int_equal(teardown_order_set("interfaces-first", false), 0);
	jail(w, "lab+ch", "HCBALlcbah");
	tw_destroy(w);
	/* of both */
	w = world(VNETSIM_TIES_REVERSE);
	jail(w, "lcb+ah", "HCBALlcbah");
	assert_int_equal(teardown_order_ties(VNETSIM_TIES_NAME), 0);
	jail(w, "lcb+ah", "HABCLhabcl");
	tw_destroy(w);
}

/* Whatever stands before it in the table is undone, no more and no less. */
static void
a_failing_init_is_undone_either_way(void **state)
{
	static const struct {
		unsigned ties;
		int letter;
		const char *done;
	} cases[] = {
		{ VNETSIM_TIES_NAME, 'b', "labALal" },
		{ VNETSIM_TIES_NAME, 'h', "lab+chCBALcbal" },
		{ VNETSIM_TIES_REVERSE, 'b', "lcbCLcl" },
		{ VNETSIM_TIES_REVERSE, 'a', "lcb+aCBLbcl" },
	};
	(void)state;
	for (size_t i = 0; i < nitems(cases); i++) {
		struct world *w = world(cases[i].ties);
		struct prison *pr;

		done[0] = '\0';
		failing = cases[i].letter;
		assert_int_equal(prison_create(w->w_jail.wj_prison0, "j",
				     PR_PERSIST | PR_VNET, 10, &pr),
		    VE_NOMEM);
		failing = 0;
		assert_string_equal(done, cases[i].done);
		tw_destroy(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ties_go_by_the_list_or_the_other_way),
		cmocka_unit_test(a_failing_init_is_undone_either_way),
	};

	return (cmocka_run_group_tests_name("ties", tests, NULL, NULL) ? 1 : 0);
}
