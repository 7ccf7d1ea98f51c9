/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/ending.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

enum rdv_err tool_ending(struct tool *t, int *fd)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || (*fd = signalfd(-1, &set, SFD_CLOEXEC)) < 0)
        return tool_why(t, RDV_ERR_IO, "signals: %s", strerror(errno));
    return RDV_OK;
}
