/*
 * capture_foreign.h - frames of a capture that is not ours, through libpcap.
 */
#ifndef SIM_CAPTURE_FOREIGN_H
#define SIM_CAPTURE_FOREIGN_H

#include <vnetsim/wire.h>

#include "sim/pcapng_reader.h"

struct capture_foreign;

int capture_foreign_new(struct capture_foreign **fp, const uint8_t *bytes,
    size_t len, char why[PCAPNG_WHY_MAX]);
int capture_foreign_next(struct capture_foreign *f,
    struct vnetsim_wire_event *ev, char why[PCAPNG_WHY_MAX]);
bool capture_foreign_snapped(const struct capture_foreign *f);
bool capture_foreign_converted(const struct capture_foreign *f);
void capture_foreign_free(struct capture_foreign *f);

#endif /* !SIM_CAPTURE_FOREIGN_H */
