/*
 * host_images.h - the images of this process, for the POSIX host.
 */
#ifndef SIM_HOST_IMAGES_H
#define SIM_HOST_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <vnetsim/host.h>

/* struct vnetsim_host, member images. */
const struct vnetsim_image *host_images(void *ctx, bool refresh, size_t *n);

#endif /* !SIM_HOST_IMAGES_H */
