/*
 * frametext_state.h - what earlier events teach about later ones.
 */
#ifndef SIM_FRAMETEXT_STATE_H
#define SIM_FRAMETEXT_STATE_H

#include "sim/frametext.h"
#include "sim/frametext_flow.h"

#define FRAMETEXT_FLOWS 65536u /* directions remembered; then the oldest go */

bool frametext_flow_get(const struct frametext_state *st,
    const struct flow_key *key, uint32_t *base);
bool frametext_flow_set(
    struct frametext_state *st, const struct flow_key *key, uint32_t base);

unsigned frametext_flags(const struct frametext_state *st);
const char *frametext_vnet(const struct frametext_state *st, uint32_t vnet);
const char *frametext_if(
    const struct frametext_state *st, uint32_t link, unsigned end);
void frametext_learn(
    struct frametext_state *st, const struct vnetsim_wire_event *ev);

#endif /* !SIM_FRAMETEXT_STATE_H */
