/*
 * net_api_pf.c - the packet filter of a jail's vnet: pfctl(8).
 */
#include <string.h>
#include <vnetsim/pf.h>
#include "src/net/net_api.h"
#include "src/net/pf/pf_var.h"

void
vnetsim_pf_defaults(struct vnetsim_pf_conf *conf)
{
	pf_defaults(conf);
}

const char *
vnetsim_pf_timeout_name(unsigned which)
{
	return (pf_timeout_name(which));
}

const char *
vnetsim_pf_counter_name(unsigned which)
{
	return (pf_counter_name(which));
}

int
vnetsim_pf_enable(struct vnetsim *w, vnetsim_handle jail, bool on)
{
	struct api_call c;
	int error = api_jail(w, &c, "pf_enable", jail, DOOR_ADMIN, NULL);

	if (error == 0)
		error = on ? pf_start() : pf_stop();
	return (api_end(&c, error));
}

int
vnetsim_pf_load(
    struct vnetsim *w, vnetsim_handle jail, const struct vnetsim_pf_conf *conf)
{
	struct api_call c;
	int error = api_jail(w, &c, "pf_load", jail, DOOR_ADMIN, NULL);

	if (error == 0)
		error = pf_load(conf);
	return (api_end(&c, error));
}

int
vnetsim_pf_rule_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_pf_ruleinfo *info)
{
	struct api_call c;
	int error = api_lookjail(w, &c, jail);

	if (error == 0 && !pf_rule_get(n, info))
		error = VE_NOENT;
	return (api_end(&c, error));
}

int
vnetsim_pf_state_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_pf_stateinfo *info)
{
	struct api_call c;
	int error = api_lookjail(w, &c, jail);

	if (error == 0 && !pf_state_get(n, info))
		error = VE_NOENT;
	return (api_end(&c, error));
}

int
vnetsim_pf_status(
    struct vnetsim *w, vnetsim_handle jail, struct vnetsim_pf_status *st)
{
	struct api_call c;
	int error = api_lookjail(w, &c, jail);

	if (error == 0)
		pf_status_get(st);
	return (api_end(&c, error));
}

int
vnetsim_pf_flush(
    struct vnetsim *w, vnetsim_handle jail, unsigned what, uint32_t *states)
{
	struct api_call c;
	uint32_t n = 0;
	int error = api_jail(w, &c, "pf_flush", jail, DOOR_ADMIN, NULL);

	if (error == 0)
		pf_flush(what, &n);
	if (states != NULL)
		*states = n;
	return (api_end(&c, error));
}

int
vnetsim_pf_kill(struct vnetsim *w, vnetsim_handle jail, uint32_t src,
    uint8_t splen, uint32_t dst, uint8_t dplen, uint32_t *states)
{
	struct api_call c;
	uint32_t n = 0;
	int error = api_jail(w, &c, "pf_kill", jail, DOOR_ADMIN, NULL);

	if (error == 0 && (splen > 32 || dplen > 32))
		error = VE_INVAL;
	if (error == 0)
		n = pf_kill_states(src, splen, dst, dplen);
	if (states != NULL)
		*states = n;
	return (api_end(&c, error));
}
