/*
 * inspect.h - the inside of a world, live or on file, in words.
 */
#ifndef SIM_INSPECT_H
#define SIM_INSPECT_H

#include "sim/inspect_out.h"

int inspect(const struct vnetsim_view *v, const char *what, const char *id,
    bool json, struct rbuf *out);
void inspect_jls(const struct vnetsim_view *v, bool dying, struct rbuf *out);
bool inspect_list(
    const struct vnetsim_view *v, const char *what, struct iout *io);
void inspect_object(const struct vnetsim_view *v,
    const struct vnetsim_object *o, struct iout *io);

/* cmd_inspect.c: for all commands with -M */
int look_dump(
    const char *file, bool anybuild, char **bytes, struct vnetsim_view **v);
int look_print(struct rbuf *out, int error);

#endif /* !SIM_INSPECT_H */
