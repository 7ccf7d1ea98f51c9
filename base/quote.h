/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_BASE_QUOTE_H
#define RDV_BASE_QUOTE_H

#include "base/bytes.h"

/* A stranger's bytes made printable: control and high bytes as \xNN, cut with "..." when long. */
struct rdv_quoted {
    char text[200];
};
struct rdv_quoted rdv_quote(struct rdv_span bytes);

#endif
