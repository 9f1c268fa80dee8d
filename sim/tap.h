/*
 * tap.h - reports for continuous integration: TAP, version 13.
 */
#ifndef SIM_TAP_H
#define SIM_TAP_H

#include "sim/report.h"

void tap_plan(struct rbuf *out, unsigned n, const char *why);
void tap_point(struct rbuf *out, bool ok, unsigned n, const char *name);
void tap_block(struct rbuf *out, const char *key, const char *text);
void tap_string(struct rbuf *out, const char *key, const char *s);
void tap_case(const struct report *rp, const char *facts, struct rbuf *out);

#endif /* !SIM_TAP_H */
