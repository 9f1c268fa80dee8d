/*
 * test_sched.h - what the tests of the scheduler and its streams share.
 *
 * A thing is an object of some vnet with one of everything that can wait.
 * What happens is told by letters that are appended to a log, so that an
 * order of events is one string.
 */
#ifndef TESTS_TEST_SCHED_H
#define TESTS_TEST_SCHED_H

#include "tests/lib/tworld.h"
#include <string.h>
#include "src/core/vnet_var.h"

static char said[4096];

struct thing {
	char t_tag[8];
	struct callout t_co;
	struct task t_task;
	struct epoch_context t_ec;
	evnode_t t_node;
	struct waitq t_wq;
	bool t_flag;
	int t_n;
	int64_t t_when;
	struct thing *t_other;
};

MALLOC_TYPE(thing_zone, ip, 0, "thing", UMA_NOHASH);
static const struct uma_zone *const sched_zones[] = { &thing_zone };
static const struct vnet_module sched_module = {
	TW_MODULE(ip, "ip"),
	.vm_zones = sched_zones,
	.vm_nzones = 1,
};
static const struct vnet_module *const sched_modules[] = { &vnet_module_core,
	&sched_module, NULL };

static inline void
say(const char *s)
{
	strncat(said, s, sizeof(said) - strlen(said) - 1);
}

/* Everything said since the last call, and forget it. */
#define assert_said(text)                                                      \
	do {                                                                   \
		assert_string_equal(said, text);                               \
		said[0] = '\0';                                                \
	} while (0)

static inline struct world *
sched_world(void)
{
	said[0] = '\0';
	return (tw_create(sched_modules));
}

/* A thing of curvnet, or of nobody. */
static inline struct thing *
thing_new(const char *tag)
{
	struct thing *t;

	t = kmalloc(&thing_zone, sizeof(*t), M_ZERO);
	assert_non_null(t);
	strncpy(t->t_tag, tag, sizeof(t->t_tag) - 1);
	return (t);
}

/* A thing of a vnet, with its callout and its task ready. */
static inline struct thing *
thing_of(struct vnet *v, const char *tag, void (*taskfn)(void *arg, int n))
{
	struct vnet_frame f;
	struct thing *t;

	TW_ENTER(&f, v);
	t = thing_new(tag);
	callout_init(&t->t_co, VNET_MOD_ip, "ip.timer");
	task_init(&t->t_task, VNET_MOD_ip, "ip.task", taskfn, t);
	vnet_leave(&f);
	return (t);
}

/* Another schedule: one deviation. */
static inline void
deviate(struct world *w, uint32_t vnet, const char *stream, const char *what,
    uint32_t ordinal, uint32_t value)
{
	struct deviation dv = { vnet, stream, what, ordinal, value };

	assert_int_equal(world_set_deviations(w, &dv, 1), 0);
}

#endif /* !TESTS_TEST_SCHED_H */
