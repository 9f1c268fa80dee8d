/*
 * capture_linktype.h - frames of other link types as Ethernet frames.
 */
#ifndef SIM_CAPTURE_LINKTYPE_H
#define SIM_CAPTURE_LINKTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_ETHER_HDR 14

bool capture_linktype_ether(int dlt, const uint8_t *p, size_t len,
    uint8_t eh[CAPTURE_ETHER_HDR], size_t *skip);
bool capture_linktype_known(int dlt);

#endif /* !SIM_CAPTURE_LINKTYPE_H */
