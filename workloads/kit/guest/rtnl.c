/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to rtnetlink, each built in place, sent, and answered by one acknowledgement. */
#include "workloads/kit/guest/rtnl.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Zeroed, so that the padding of attributes is zero. */
struct order {
	struct nlmsghdr head;
	char body[1000];
};

static void *room(struct order *order, size_t len)
{
	void *at = (char *)order + NLMSG_ALIGN(order->head.nlmsg_len);

	order->head.nlmsg_len = NLMSG_ALIGN(order->head.nlmsg_len) + len;
	return at;
}

static void put(struct order *order, uint16_t type, const void *value, size_t len)
{
	struct rtattr *attr = room(order, RTA_LENGTH(len));

	attr->rta_type = type;
	attr->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(attr), value, len);
}

static void put_text(struct order *order, uint16_t type, const char *text)
{
	put(order, type, text, strlen(text) + 1);
}

static struct rtattr *nest(struct order *order, uint16_t type)
{
	struct rtattr *attr = room(order, RTA_LENGTH(0));

	attr->rta_type = type;
	return attr;
}

static void nest_end(struct order *order, struct rtattr *attr)
{
	attr->rta_len = (char *)order + NLMSG_ALIGN(order->head.nlmsg_len) - (char *)attr;
}

static void *begin(struct order *order, uint16_t type, uint16_t flags, size_t len)
{
	memset(order, 0, sizeof(*order));
	order->head.nlmsg_len = NLMSG_LENGTH(len);
	order->head.nlmsg_type = type;
	order->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return NLMSG_DATA(&order->head);
}

static bool carry_out(int rtnl, struct order *order)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[2000]; /* an error repeats its request */
	} answer;
	ssize_t n;

	if (send(rtnl, order, order->head.nlmsg_len, 0) < 0)
		return false;
	n = recv(rtnl, &answer, sizeof(answer), 0);
	if (n < 0)
		return false;
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(answer.error)) ||
	    answer.head.nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return false;
	}
	errno = -answer.error.error;
	return !errno;
}

int rtnl_open(void)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The index of a link in the socket's own namespace, which need not be the thread's; 0: none. */
static unsigned index_of(int rtnl, const char *name)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg info;
		char rest[4096];
	} answer;
	struct order order;

	begin(&order, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	order.head.nlmsg_flags = NLM_F_REQUEST;
	put_text(&order, IFLA_IFNAME, name);
	if (send(rtnl, &order, order.head.nlmsg_len, 0) < 0 ||
	    recv(rtnl, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(answer.info)))
		return 0;
	if (answer.head.nlmsg_type == RTM_NEWLINK)
		return answer.info.ifi_index;
	errno = ENODEV;
	return 0;
}

static void put_peer(struct order *order, const char *peer, int netns)
{
	struct rtattr *info = nest(order, IFLA_LINKINFO), *data, *other;

	put_text(order, IFLA_INFO_KIND, "veth");
	data = nest(order, IFLA_INFO_DATA);
	other = nest(order, VETH_INFO_PEER);
	memset(room(order, sizeof(struct ifinfomsg)), 0, sizeof(struct ifinfomsg));
	put_text(order, IFLA_IFNAME, peer);
	if (netns >= 0)
		put(order, IFLA_NET_NS_FD, &netns, sizeof(netns));
	nest_end(order, other);
	nest_end(order, data);
	nest_end(order, info);
}

bool rtnl_veth(int rtnl, const char *name, const char *peer, int netns)
{
	struct order order;

	begin(&order, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	put_text(&order, IFLA_IFNAME, name);
	put_peer(&order, peer, netns);
	return carry_out(rtnl, &order);
}

bool rtnl_up(int rtnl, const char *name)
{
	struct order order;
	struct ifinfomsg *info = begin(&order, RTM_NEWLINK, 0, sizeof(*info));

	info->ifi_flags = info->ifi_change = IFF_UP;
	put_text(&order, IFLA_IFNAME, name);
	return carry_out(rtnl, &order);
}

bool rtnl_address(int rtnl, const char *name, in_addr_t address, unsigned prefix)
{
	unsigned index = index_of(rtnl, name);
	struct order order;
	struct ifaddrmsg *info =
		begin(&order, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*info));

	info->ifa_family = AF_INET;
	info->ifa_prefixlen = prefix;
	info->ifa_index = index;
	put(&order, IFA_LOCAL, &address, sizeof(address));
	put(&order, IFA_ADDRESS, &address, sizeof(address));
	return index && carry_out(rtnl, &order);
}

bool rtnl_route(int rtnl, in_addr_t address, unsigned prefix, in_addr_t gateway)
{
	struct order order;
	struct rtmsg *info = begin(&order, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*info));

	info->rtm_family = AF_INET;
	info->rtm_dst_len = prefix;
	info->rtm_table = RT_TABLE_MAIN;
	info->rtm_protocol = RTPROT_STATIC;
	info->rtm_scope = RT_SCOPE_UNIVERSE;
	info->rtm_type = RTN_UNICAST;
	if (prefix)
		put(&order, RTA_DST, &address, sizeof(address));
	put(&order, RTA_GATEWAY, &gateway, sizeof(gateway));
	return carry_out(rtnl, &order);
}

bool rtnl_move(int rtnl, const char *name, int netns)
{
	struct order order;

	begin(&order, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
	put_text(&order, IFLA_IFNAME, name);
	put(&order, IFLA_NET_NS_FD, &netns, sizeof(netns));
	return carry_out(rtnl, &order);
}

bool rtnl_qdisc(int rtnl, const char *name, const char *kind, const struct rtnl_option *options,
		unsigned count)
{
	unsigned index = index_of(rtnl, name);
	struct order order;
	struct tcmsg *info =
		begin(&order, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*info));
	struct rtattr *all;

	info->tcm_ifindex = index;
	info->tcm_parent = TC_H_ROOT;
	put_text(&order, TCA_KIND, kind);
	all = count ? nest(&order, NLA_F_NESTED | TCA_OPTIONS) : NULL;
	for (unsigned i = 0; i < count; i++)
		put(&order, options[i].type, options[i].value, options[i].len);
	if (all)
		nest_end(&order, all);
	return index && carry_out(rtnl, &order);
}

/* The attribute of a message that says what a discipline is. */
static const struct rtattr *find(const struct nlmsghdr *head, uint16_t type)
{
	size_t skip = NLMSG_SPACE(sizeof(struct tcmsg));
	const struct rtattr *attr = (const struct rtattr *)((const char *)head + skip);
	int left = (int)(head->nlmsg_len - skip);

	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == type)
			return attr;
	errno = ENODATA;
	return NULL;
}

bool rtnl_queue(int rtnl, const char *name, struct rtnl_queue *queue)
{
	struct {
		struct nlmsghdr head;
		char rest[4096];
	} answer;
	struct order order;
	struct tcmsg *info = begin(&order, RTM_GETQDISC, 0, sizeof(*info));
	const struct rtattr *attr;
	struct tc_stats stats = {0};
	size_t len;

	info->tcm_ifindex = index_of(rtnl, name);
	info->tcm_parent = TC_H_ROOT;
	/* Without NLM_F_ECHO the answer goes to listeners only. */
	order.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ECHO;
	if (send(rtnl, &order, order.head.nlmsg_len, 0) < 0 ||
	    recv(rtnl, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(*info)) ||
	    answer.head.nlmsg_type != RTM_NEWQDISC)
		return false;
	attr = find(&answer.head, TCA_STATS);
	len = attr ? RTA_PAYLOAD(attr) : 0;
	memcpy(&stats, attr ? RTA_DATA(attr) : &stats, len < sizeof(stats) ? len : sizeof(stats));
	*queue = (struct rtnl_queue){stats.packets, stats.drops, stats.qlen};
	return attr;
}

int netns_current(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static bool loopback_up(void)
{
	int rtnl = rtnl_open();
	bool ok = rtnl >= 0 && rtnl_up(rtnl, "lo");

	if (rtnl >= 0)
		close(rtnl);
	return ok;
}

int netns_new(void)
{
	if (unshare(CLONE_NEWNET) < 0 || !loopback_up())
		return -1;
	return netns_current();
}

bool netns_enter(int netns)
{
	return setns(netns, CLONE_NEWNET) == 0;
}

bool netns_forward(void)
{
	int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	return ok;
}
