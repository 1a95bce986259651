/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The survival matrix as tables. */
#pragma once
#include "bench/report/document.h"
#include "bench/report/survive.h"

/* For people: the matrix, counts, and why each cell is what it is unless it survived. */
struct lu_document *lu_survive_document(const struct lu_survive *survive);
/* For programs: one table, a row a cell. */
struct lu_document *lu_survive_records(const struct lu_survive *survive);
