/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESP, the protocol of Redis: SET, GET, DBSIZE. */
#include "workloads/kit/resp.h"
#include "workloads/service/protocol.h"

const struct lu_protocol lu_protocol_resp = {
	.name = "resp",
	.summary = "RESP: SET, GET and DBSIZE",
	.codec = &lu_resp_codec,
	LU_PROTOCOL_KEYED,
};
