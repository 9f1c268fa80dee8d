/*
 * frametext.h - wire events as lines of text.
 */
#ifndef SIM_FRAMETEXT_H
#define SIM_FRAMETEXT_H

#include <vnetsim/wire.h>

#define FRAMETEXT_NUMERIC 1u   /* vnets by number, not by name */
#define FRAMETEXT_MAX     8192 /* bytes that are enough for every line */

struct frametext_state;

struct frametext_state *frametext_state_new(unsigned flags);
void frametext_state_free(struct frametext_state *st);
size_t frametext(char *buf, size_t n, const struct vnetsim_wire_event *ev,
    struct frametext_state *st);
size_t frametext_packet(char *buf, size_t n, const uint8_t *bytes, size_t len,
    uint32_t link, struct frametext_state *st);

#endif /* !SIM_FRAMETEXT_H */
