/*
 * drop_var.h - drop counters as sysctls.
 *
 * What sysctl.c needs of drop.c beyond <vnetsim/kern/drop.h>.
 */
#ifndef SRC_CORE_DROP_VAR_H
#define SRC_CORE_DROP_VAR_H

#include <vnetsim/kern/drop.h>

/**
 * drop_oid() - name of a counter
 * @r:	reason
 *
 * Return:	constant "net.drop.proto.why"; "?" for an unknown one.
 */
const char *drop_oid(enum drop_reason r);

/* Zero a counter of curvnet, of the world if NULL. */
void drop_clear(enum drop_reason r);

#endif /* !SRC_CORE_DROP_VAR_H */
