/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The description of a service (docs/reference/services.md): a JSON object that is part of the plan,
 * parameter `spec` of the workload.
 */
#pragma once
#include "model/workload.h"
#include "workloads/service/protocol.h"

struct lu_needs;

/* Parameter callbacks (model/param.h): a file, or a folder with service.json in it; paths in it are
 * relative to where it is. */
json_t *lu_service_spec_read(const char *path, GError **error);
/* Every key checked and every default explicit; what the program and the folder contain is hashed
 * into "sha256", which must match when it is given. LU_ERROR_USAGE. */
bool lu_service_spec_check(json_t *spec, GError **error);

/* Of the resolved parameters: */
const json_t *lu_service_spec(const json_t *params);
const struct lu_protocol *lu_service_protocol(const json_t *params);
/* What guests are made with. */
void lu_service_spec_needs(const json_t *params, struct lu_needs *needs);
