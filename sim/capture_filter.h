/*
 * capture_filter.h - filters of tcpdump on Ethernet frames.
 */
#ifndef SIM_CAPTURE_FILTER_H
#define SIM_CAPTURE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_FILTER_WHY 256 /* bytes of a reason */

struct capture_filter;

struct capture_filter *capture_filter_new(
    const char *text, char why[CAPTURE_FILTER_WHY]);
bool capture_filter_match(
    const struct capture_filter *cf, const uint8_t *bytes, size_t len);
void capture_filter_free(struct capture_filter *cf);

#endif /* !SIM_CAPTURE_FILTER_H */
