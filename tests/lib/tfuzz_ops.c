/*
 * tfuzz_ops.c - operations of fuzz_ops.c on interfaces, routes, links, filters.
 */
#include <stdio.h>
#include <string.h>
#include <vnetsim/link.h>
#include <vnetsim/pf.h>
#include "tests/lib/tfuzz_ops.h"

void
fo_forget(struct fo *o, vnetsim_handle op)
{
	if (op != 0)
		(void)vnetsim_op_release(o->w, op);
}

vnetsim_handle
fo_jail(struct fo *o)
{
	return (o->jail[N(o, JAILS)]);
}

uint32_t
fo_addr(struct fo *o)
{
	unsigned b = N(o, 256);

	if (b >= 0xf0)
		return ((uint32_t[]){
		    0, UINT32_MAX, 0xe0000001, 0x7f000001, 0x0a0000ff }[b % 5]);
	return (0x0a000000 + ((b >> 2 & 3) << 8) + 1 + (b & 3));
}

/* The name of an interface of @jail, or one that may not exist. */
static const char *
fo_if(struct fo *o, vnetsim_handle jail, unsigned which)
{
	struct vnetsim_ifinfo info;
	unsigned n = N(o, 8);

	if (vnetsim_if_next(o->w, jail, n, &info) != 0) {
		memcpy(info.name, "epair0a", 8);
		info.name[5] = (char)('0' + (n >> 1));
		info.name[6] = (char)('a' + (n & 1));
	}
	memcpy(o->name[which], info.name, VNETSIM_IFNAMSIZ);
	return (o->name[which]);
}

void
fo_if_create(struct fo *o)
{
	static const char *const kinds[] = { "epair", "epair", "bridge", "vlan",
		"lo", "lagg", "gif", "gre", "tap", "nonesuch0" };
	char name[VNETSIM_IFNAMSIZ] = "";

	(void)snprintf(name, sizeof(name), "%s", kinds[N(o, 10)]);
	(void)vnetsim_if_create(o->w, fo_jail(o), name);
}

void
fo_if_destroy(struct fo *o)
{
	vnetsim_handle jail = fo_jail(o), op = 0;

	(void)vnetsim_if_destroy(o->w, jail, fo_if(o, jail, 0), &op);
	fo_forget(o, op);
}

void
fo_if_vnet(struct fo *o)
{
	vnetsim_handle jail = fo_jail(o), to = fo_jail(o), op = 0;

	if (N(o, 4) != 0)
		(void)vnetsim_if_vnet(o->w, jail, fo_if(o, jail, 0), to, &op);
	else
		(void)vnetsim_if_reclaim(
		    o->w, to, fo_if(o, jail, 0), jail, &op);
	fo_forget(o, op);
}

void
fo_if_set(struct fo *o)
{
	vnetsim_handle jail = fo_jail(o);
	const char *name = fo_if(o, jail, 0);
	unsigned how = N(o, 16);

	if (how < 4)
		(void)vnetsim_if_up(o->w, jail, name, how != 0);
	else if (how < 13)
		(void)vnetsim_if_inet(o->w, jail, name, fo_addr(o),
		    (uint8_t)(24 + 8 * (how == 12)), how < 10);
	else
		(void)vnetsim_if_mtu(
		    o->w, jail, name, 60 + tf_16(&o->in) % 1600);
}

void
fo_if_ioctl(struct fo *o)
{
	vnetsim_handle jail = fo_jail(o);
	const char *name = fo_if(o, jail, 0);
	struct vnetsim_ifreq req = { .cmd = N(o, 40) };

	memcpy(req.arg, fo_if(o, jail, 1), sizeof(req.arg));
	req.n = N(o, 8);
	req.m = N(o, 4) == 0 ? 0x88a8 : 0;
	req.src = fo_addr(o);
	req.dst = fo_addr(o);
	req.ether[0] = 2;
	req.ether[5] = (uint8_t)req.n;
	req.text = req.arg;
	(void)vnetsim_if_ioctl(o->w, jail, name, &req);
}

void
fo_route(struct fo *o)
{
	vnetsim_handle jail = fo_jail(o);
	struct vnetsim_route r = { .dst = fo_addr(o), .plen = 32 };
	unsigned how = N(o, 64);
	uint32_t n;

	r.gateway = fo_addr(o);
	if ((how & 8) != 0) {
		r.plen = (how & 16) != 0 ? 24 : 0;
		r.dst &= r.plen == 0 ? 0 : 0xffffff00;
	}
	if ((how & 32) != 0)
		r.ifname = fo_if(o, jail, 0);
	r.reject = (how & 7) == 6;
	if ((how & 7) == 7)
		(void)vnetsim_route_flush(o->w, jail, &n);
	else
		(void)vnetsim_route_ctl(
		    o->w, jail, (enum vnetsim_route_verb)(how % 3), &r);
}

void
fo_arp(struct fo *o)
{
	static const uint8_t ether[6] = { 2, 0, 0, 0, 0, 9 };

	(void)vnetsim_arp_set(
	    o->w, fo_jail(o), fo_addr(o), N(o, 2) != 0 ? ether : NULL);
}

void
fo_sysctl(struct fo *o)
{
	static const char *const names[] = { "net.inet.ip.forwarding",
		"net.inet.tcp.msl", "net.inet.tcp.syncookies_only",
		"net.inet.tcp.blackhole", "net.inet.tcp.sack.enable",
		"net.inet.tcp.rfc1323", "net.inet.tcp.delayed_ack",
		"net.inet.ip.maxfragpackets",
		"net.inet.tcp.syncache.cachelimit",
		"net.inet.tcp.reass.maxqueuelen", "net.inet.ip.redirect",
		"net.link.ether.inet.max_age", "net.inet.tcp.keepidle",
		"net.inet.tcp.always_keepalive", "net.inet.tcp.ecn.enable",
		"net.fibs" };

	(void)vnetsim_sysctl_set(o->w, fo_jail(o), names[N(o, 16)], N(o, 3));
}

void
fo_ping(struct fo *o)
{
	vnetsim_handle op = 0;

	(void)vnetsim_ping(
	    o->w, fo_jail(o), fo_addr(o), tf_16(&o->in) % 1473, TF_S, &op);
	fo_forget(o, op);
}

void
fo_link(struct fo *o)
{
	char name[VNETSIM_IFNAMSIZ] = "epair0a";
	struct vnetsim_link_params p;
	vnetsim_handle link;
	unsigned how = N(o, 8);
	int end;

	name[5] = (char)('0' + N(o, 3));
	link = vnetsim_link_find(o->w, name, &end);
	if (vnetsim_link_get(o->w, link, 0, &p) != 0)
		return;
	if (how < 2)
		(void)vnetsim_link_cut(o->w, link, how == 0);
	else if (how == 2)
		(void)vnetsim_link_drop(
		    o->w, link, (int)N(o, 3) - 1, N(o, 4), (int)N(o, 10));
	else if (how == 3)
		(void)vnetsim_link_corrupt(
		    o->w, link, (int)N(o, 3) - 1, N(o, 4), (int)N(o, 10));
	else if (how == 4)
		(void)vnetsim_link_reorder(
		    o->w, link, (int)N(o, 3) - 1, N(o, 4), (int)N(o, 10));
	else {
		p.delay = tf_time(&o->in, TF_S);
		p.rate = (uint64_t)N(o, 4) * 1000000;
		(void)vnetsim_link_set(o->w, link, (int)N(o, 3) - 1, &p);
	}
}

void
fo_pf(struct fo *o)
{
	vnetsim_handle jail = fo_jail(o);
	struct vnetsim_pf_rule rule = { 0 };
	struct vnetsim_pf_conf conf;
	unsigned how = N(o, 64);
	uint32_t n;

	rule.action = (uint8_t)(how & 3);
	rule.keep_state = (how & 4) != 0;
	rule.proto = (how & 8) != 0 ? 6 : 0;
	rule.ifbound = rule.keep_state && (how & 16) != 0;
	vnetsim_pf_defaults(&conf);
	conf.rules = &rule;
	conf.nrules = 1;
	if ((how & 32) != 0)
		conf.states = 2;
	switch (N(o, 4)) {
	case 0:
		(void)vnetsim_pf_enable(o->w, jail, (how & 1) != 0);
		break;
	case 1:
		(void)vnetsim_pf_flush(o->w, jail, how & 7, &n);
		break;
	default:
		if (vnetsim_pf_load(o->w, jail, &conf) == 0)
			(void)vnetsim_pf_enable(o->w, jail, true);
		break;
	}
}
