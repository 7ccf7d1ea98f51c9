/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ready.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/test.h"

/* A service manager's socket, named in NOTIFY_SOCKET. A leading '@' is an abstract name. */
static int listen_as_manager(const char *name)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    const size_t n = strlen(name);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    T_MUST(fd >= 0 && n < sizeof(at.sun_path));
    memcpy(at.sun_path, name, n);
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    T_MUST(bind(fd, (const struct sockaddr *)&at,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0);
    T_MUST(setenv("NOTIFY_SOCKET", name, 1) == 0);
    return fd;
}

static void hears(int fd, const char *want)
{
    uint8_t message[64];
    const ssize_t n = recv(fd, message, sizeof(message), 0);

    T_TEXT(((struct rdv_span){ message, n > 0 ? (size_t)n : 0 }), want);
}

static void tells_no_manager_when_the_file_cannot_be_written(void)
{
    char socket_name[200], file[200];
    const char *dir = t_temp_dir();
    int fd;

    (void)snprintf(socket_name, sizeof(socket_name), "@%s/notify", dir);
    (void)snprintf(file, sizeof(file), "%s/absent/ready", dir);
    fd = listen_as_manager(socket_name);
    T_ERR(rdv_ready(file, "127.0.0.1:1"), RDV_ERR_IO);
    hears(fd, "");
    (void)close(fd);
    (void)unsetenv("NOTIFY_SOCKET");
}

static void writes_the_address_and_a_line_end(void)
{
    struct rdv_buf text = RDV_BUF(64);
    char file[200];

    (void)snprintf(file, sizeof(file), "%s/ready", t_temp_dir());
    T_OK(rdv_ready(file, "127.0.0.1:50122"));
    T_OK(rdv_file_read(&text, file));
    T_TEXT(rdv_buf_view(&text), "127.0.0.1:50122\n");
    rdv_buf_free(&text);
}

static void tells_the_manager_by_path_or_by_abstract_name(void)
{
    char name[200], cwd[100];
    int fd;

    T_MUST(getcwd(cwd, sizeof(cwd)) != NULL);
    (void)snprintf(name, sizeof(name), "%s/%s/notify", cwd, t_temp_dir());
    if (strlen(name) < sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        fd = listen_as_manager(name);
        T_OK(rdv_ready("", "127.0.0.1:1"));
        hears(fd, "READY=1");
        hears(fd, "");
        (void)close(fd);
    }
    (void)snprintf(name, sizeof(name), "@%s/notify", t_temp_dir());
    fd = listen_as_manager(name);
    T_OK(rdv_ready("", "127.0.0.1:1"));
    hears(fd, "READY=1");
    (void)close(fd);
    (void)unsetenv("NOTIFY_SOCKET");
}

static void a_manager_that_cannot_be_reached_is_only_worth_a_warning(void)
{
    char name[300];

    (void)t_logged("");
    T_MUST(setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1) == 0);
    T_OK(rdv_ready("", "127.0.0.1:1"));
    T_UINT(t_logged("warn: notify_service_manager: NOTIFY_SOCKET"), 1);
    (void)snprintf(name, sizeof(name), "/%0150d", 1);
    T_MUST(setenv("NOTIFY_SOCKET", name, 1) == 0);
    T_OK(rdv_ready("", "127.0.0.1:1"));
    T_UINT(t_logged("name too long"), 1);
    T_MUST(setenv("NOTIFY_SOCKET", "vsock:1:2", 1) == 0); /* not a Unix socket: not for us */
    T_OK(rdv_ready("", "127.0.0.1:1"));
    T_UINT(t_logged("NOTIFY_SOCKET"), 0);
    (void)unsetenv("NOTIFY_SOCKET");
}

static void refuses_an_address_too_long_for_a_line(void)
{
    char address[400];

    (void)snprintf(address, sizeof(address), "%0299d", 1);
    T_ERR(rdv_ready("", address), RDV_ERR_LIMIT);
    address[298] = '\0';
    T_OK(rdv_ready("", address));
}

static CU_TestInfo tests[] = {
    T_CASE(tells_no_manager_when_the_file_cannot_be_written),
    T_CASE(writes_the_address_and_a_line_end),
    T_CASE(tells_the_manager_by_path_or_by_abstract_name),
    T_CASE(a_manager_that_cannot_be_reached_is_only_worth_a_warning),
    T_CASE(refuses_an_address_too_long_for_a_line),
    T_END,
};

T_SUITE(base_ready, tests);
