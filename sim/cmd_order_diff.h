/*
 * cmd_order_diff.h - two orders side by side.
 */
#ifndef SIM_CMD_ORDER_DIFF_H
#define SIM_CMD_ORDER_DIFF_H

#include "sim/cmd_run.h"

struct order_list;

/**
 * struct order_names - what the two orders are called
 * @a, @b:	names
 * @changed:	how the first was changed, " (changed)"; empty: it was not
 */
struct order_names {
	const char *a, *b, *changed;
};

struct order_list *order_list_read(struct vnetsim *w);
int order_diff(struct order_list *a, struct order_list *b,
    const struct order_names *on, bool json, struct rbuf *out);

#endif /* !SIM_CMD_ORDER_DIFF_H */
