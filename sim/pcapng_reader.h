/*
 * pcapng_reader.h - pcapng blocks of our writer as wire events.
 */
#ifndef SIM_PCAPNG_READER_H
#define SIM_PCAPNG_READER_H

#include <vnetsim/wire.h>

#define PCAPNG_WHY_MAX 320 /* bytes of a reason */

struct pcapng_reader;

bool pcapng_reader_ours(const uint8_t *bytes, size_t len);
int pcapng_reader_new(struct pcapng_reader **rp, const uint8_t *bytes,
    size_t len, char why[PCAPNG_WHY_MAX]);
int pcapng_reader_next(struct pcapng_reader *r, struct vnetsim_wire_event *ev,
    char why[PCAPNG_WHY_MAX]);
void pcapng_reader_free(struct pcapng_reader *r);

#endif /* !SIM_PCAPNG_READER_H */
