/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a process sends what it has at once: all its TCP connections are without Nagle's
 * algorithm.
 *
 *   nodelay PID
 *
 * Says how many connections it has, and how many wait. Exit status 1 if any waits or there is none,
 * 77 if this system does not let us look.
 */
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t n = sizeof(value);

    return getsockopt(fd, level, name, &value, &n) == 0 ? value : -1;
}

static bool is_connection(int fd)
{
    return option_of(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP &&
           option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) == 0;
}

/* Counts the connections, and those that wait. */
static int look_at(int process, DIR *fds, unsigned *all, unsigned *waiting)
{
    for (const struct dirent *entry; (entry = readdir(fds)) != NULL;) {
        int fd;

        if (entry->d_name[0] == '.')
            continue;
        if ((fd = pidfd_getfd(process, (int)strtol(entry->d_name, NULL, 10), 0)) < 0) {
            if (errno == EBADF) /* closed meanwhile */
                continue;
            perror("pidfd_getfd");
            return 77;
        }
        if (is_connection(fd)) {
            *all += 1;
            *waiting += option_of(fd, IPPROTO_TCP, TCP_NODELAY) == 0;
        }
        (void)close(fd);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const pid_t pid = argc == 2 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
    const int process = pidfd_open(pid, 0);
    unsigned all = 0, waiting = 0;
    char path[64];
    DIR *fds;
    int status;

    (void)snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
    if (process < 0 || (fds = opendir(path)) == NULL) {
        perror("nodelay PID");
        return 77;
    }
    status = look_at(process, fds, &all, &waiting);
    (void)closedir(fds);
    (void)close(process);
    if (status != 0)
        return status;
    printf("%u connections, %u of them wait\n", all, waiting);
    return all > 0 && waiting == 0 ? 0 : 1;
}
