/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ready.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

/* The protocol of sd_notify(3): one datagram, to a path or ('@') an abstract name. */
static void notify_service_manager(void)
{
    static const char message[] = "READY=1";
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    socklen_t n;
    int fd;

    if (name == NULL || (name[0] != '/' && name[0] != '@'))
        return;
    if (rdv_span_to_text(to.sun_path, sizeof(to.sun_path), rdv_span_of(name)) != RDV_OK) {
        log_warn("NOTIFY_SOCKET: name too long");
        return;
    }
    n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    if (to.sun_path[0] == '@')
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        sendto(fd, message, sizeof(message) - 1, MSG_NOSIGNAL, (const struct sockaddr *)&to, n) < 0)
        log_warn("NOTIFY_SOCKET: %s", strerror(errno));
    if (fd >= 0)
        (void)close(fd);
}

enum rdv_err rdv_ready(const char *ready_file, const char *address)
{
    char line[300];
    const int n = snprintf(line, sizeof(line), "%s\n", address);
    enum rdv_err err = RDV_OK;

    if (n < 0 || (size_t)n >= sizeof(line))
        return RDV_ERR_LIMIT;
    if (ready_file[0] != '\0')
        err = rdv_file_replace(ready_file, (struct rdv_span){ (const uint8_t *)line, (size_t)n },
                               0644);
    if (err == RDV_OK)
        notify_service_manager();
    return err;
}
