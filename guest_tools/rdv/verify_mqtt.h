/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_GUEST_TOOLS_RDV_VERIFY_MQTT_H
#define RDV_GUEST_TOOLS_RDV_VERIFY_MQTT_H

#include "guest_tools/rdv/judge.h"

/*
 * Judges what the broker of --mqtt has and gets on the topics of a card, until `stop` is readable,
 * or --count of them were judged. A connection that was there and is lost is made anew, later and
 * later.
 * Returns: RDV_ERR_USAGE, those of files with secrets, RDV_ERR_CLOSED (it cannot be reached, at
 * first), RDV_ERR_AUTH, RDV_ERR_BUSY (another one came with our client id), or as tool_judge_keep.
 */
RDV_MUST_USE enum rdv_err tool_verify_mqtt(struct tool *t, struct tool_judge *j, const char *sen,
                                           uint64_t count, int stop);

#endif
