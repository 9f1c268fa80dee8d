/*
 * td_fbsd.h - how the destructors of a FreeBSD kernel are written down.
 *
 * A table is in the order of execution: descending by slot, equal slots by
 * name.  What stays together whatever the ties say is one unit: an entry and
 * the glued ones (FR_GLUED, FR_CALL) behind it.
 */
#ifndef SRC_TEARDOWN_TD_FBSD_H
#define SRC_TEARDOWN_TD_FBSD_H

#include "src/teardown/td_var.h"

#define FR_GLUED 1u /* right behind the entry above */
#define FR_CALL  2u /* called by the row above: glued, and the same number */
#define FR_NOROW 4u /* no VNET_SYSUNINIT of that kernel */

/* One VNET_SYSUNINIT, or what must be said beside them; constant. */
struct td_fbsd_row {
	const char *fr_ident; /* NULL: a module of ours without a row there */
	uint32_t fr_sub, fr_order;
	uint8_t fr_mod;   /* enum vnet_modid, VNET_MOD_BUILTIN: absent */
	uint8_t fr_verb;  /* enum td_verb */
	uint8_t fr_flags; /* FR_ */
};

/* A kernel's way to end a vnet. */
struct td_kernel {
	const struct td_fbsd_row *tk_row;
	unsigned tk_n;
	bool tk_flag;    /* vnet_destroy() sets vnet_shutdown */
	bool tk_tcpwait; /* tcp_destroy() waits for the last tcpcb */
};

extern const struct td_kernel td_freebsd9, td_freebsd13;

#define ABSENT VNET_MOD_BUILTIN, TDV_ABSENT
#define ROWF(flags, ident, sub, ord, ...)                                      \
	{                                                                      \
		ident, SI_SUB_##sub, ord, __VA_ARGS__, flags                   \
	}
#define ROW(ident, sub, ord, ...) ROWF(0, ident, sub, ord, __VA_ARGS__)
#define OURS(mod, sub, ord, flags)                                             \
	ROWF(FR_NOROW | (flags), NULL, sub, ord, VNET_MOD_##mod, TDV_END)

/* The table behind an order; NULL: an order of this simulator. */
const struct td_kernel *td_kernel_of(const struct td_order *to);

/* td_fused.c: kill, wait unless forced, then @tk's destructors. */
void td_build_fused(struct td_order *to, const struct td_kernel *tk);

#endif /* !SRC_TEARDOWN_TD_FBSD_H */
