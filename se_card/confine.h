/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the card process gives up before it serves: core dumps and ptrace at its start; then, once
 * its files and its socket are open, every system call it has no use for (no socket, no connect, no
 * exec), and every file outside its directory (Landlock, where the kernel has it).
 */
#ifndef RDV_SE_CARD_CONFINE_H
#define RDV_SE_CARD_CONFINE_H

#include "base/err.h"

/* First thing in main. Returns: RDV_ERR_IO when the process could still be dumped: do not go on. */
RDV_MUST_USE enum rdv_err se_confine_start(void);

/* Keys pass through the stack, the heap and the memory of libraries while they are used: keeps all
 * of it out of swap, as it is touched, where the limit on locked memory allows that; warns where
 * not. */
void se_confine_memory(void);

/* Files may be opened below `dir` only, from here on. Binds this thread and those it starts: call
 * it before there are others. Returns: RDV_ERR_IO: do not go on. */
RDV_MUST_USE enum rdv_err se_confine_files(const char *dir);

/* Last thing before serving: only the system calls that serving takes, in every thread.
 * Returns: RDV_ERR_IO: do not go on. */
RDV_MUST_USE enum rdv_err se_confine_calls(void);

#endif
