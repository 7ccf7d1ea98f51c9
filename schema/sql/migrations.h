/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database's history, embedded from schema/sql/NNNN_*.sql when the project is configured: the
 * script at index n takes a database of version n to version n + 1. */
#ifndef RDV_SCHEMA_SQL_MIGRATIONS_H
#define RDV_SCHEMA_SQL_MIGRATIONS_H

extern const char *const rdv_migrations[];
extern const unsigned rdv_n_migrations;

#endif
