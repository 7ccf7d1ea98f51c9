/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/links_uv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/test.h"

#define LONG_MS 600000

/* A front with its loop, and a card that is nothing but a listening socket. */
struct scene {
    uv_loop_t loop;
    struct rdv_links *links;
    char path[100];
    int card;
};

/* A session of the front: what it was told of its link. */
struct user {
    struct rdv_buf got;
    unsigned n_ended, n_closed;
};

static void on_read(void *user, ssize_t n, const uint8_t *bytes)
{
    struct user *u = user;

    if (n < 0)
        u->n_ended++;
    else
        T_OK(rdv_put_bytes(&u->got, (struct rdv_span){ bytes, (size_t)n }));
}

static void on_closed(void *user)
{
    struct user *u = user;

    u->n_closed++;
}

static int listen_at(const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    T_MUST_OK(rdv_span_to_text(at.sun_path, sizeof(at.sun_path), rdv_span_of(path)));
    T_MUST(fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
           listen(fd, 2 * RDV_LINKS_WAITING_MAX) == 0);
    return fd;
}

static void begin(struct scene *sc, uint64_t wait_ms)
{
    static const struct rdv_links_calls calls = { on_read, on_closed };

    (void)snprintf(sc->path, sizeof(sc->path), "%s/card", t_temp_dir());
    sc->card = listen_at(sc->path);
    T_MUST(uv_loop_init(&sc->loop) == 0);
    T_MUST_OK(rdv_links_new(&sc->links, &sc->loop, sc->path, wait_ms, &calls));
}

static void end(struct scene *sc)
{
    rdv_links_stop(sc->links);
    (void)uv_run(&sc->loop, UV_RUN_DEFAULT);
    T_TRUE(uv_loop_close(&sc->loop) == 0);
    rdv_links_free(sc->links);
    (void)close(sc->card);
    (void)unlink(sc->path);
}

/* The card's end of the connection that was made last, or -1. */
static int accepted(const struct scene *sc)
{
    return accept4(sc->card, NULL, NULL, SOCK_CLOEXEC);
}

/* All that is ready now. */
static void run(struct scene *sc)
{
    while (uv_run(&sc->loop, UV_RUN_NOWAIT) != 0 && uv_backend_timeout(&sc->loop) == 0)
        ;
}

static struct rdv_link *take(struct scene *sc, const char *sen, struct user *user)
{
    struct rdv_link *link = rdv_links_take(sc->links, sen, false, user);

    T_MUST(link != NULL);
    rdv_link_read(link, true);
    return link;
}

/* --- one session after the other -------------------------------------------------------------- */

static void a_link_serves_one_session_after_the_other(void)
{
    struct user first = { .got = RDV_BUF(100) }, second = { .got = RDV_BUF(100) };
    struct rdv_link *link, *same;
    struct scene sc;
    int card;

    begin(&sc, LONG_MS);
    link = take(&sc, "key1.com", &first);
    T_TRUE(!rdv_link_has_waited(link));
    T_MUST((card = accepted(&sc)) >= 0);
    T_MUST(write(card, "one", 3) == 3);
    run(&sc);
    rdv_link_wait(link);
    run(&sc);
    same = take(&sc, "key1.com", &second);
    T_TRUE(same == link && rdv_link_has_waited(same));
    T_TRUE(accepted(&sc) == -1);
    T_MUST(write(card, "two", 3) == 3);
    run(&sc);
    T_TEXT(rdv_buf_view(&first.got), "one");
    T_TEXT(rdv_buf_view(&second.got), "two");
    rdv_link_close(same);
    run(&sc);
    T_UINT(first.n_closed + first.n_ended, 0);
    T_UINT(second.n_closed, 1);
    rdv_buf_free(&first.got);
    rdv_buf_free(&second.got);
    (void)close(card);
    end(&sc);
}

static void an_element_is_served_by_links_of_its_own(void)
{
    struct user user = { .got = RDV_BUF(100) };
    struct rdv_link *link, *other;
    struct scene sc;

    begin(&sc, LONG_MS);
    link = take(&sc, "key1.com", &user);
    rdv_link_wait(link);
    other = take(&sc, "key2.com", &user);
    T_TRUE(other != link && !rdv_link_has_waited(other));
    rdv_link_wait(other);
    T_TRUE(take(&sc, "key1.com", &user) == link);
    T_TRUE(take(&sc, "key2.com", &user) == other);
    rdv_link_close(link);
    rdv_link_close(other);
    end(&sc);
}

static void a_fresh_link_is_a_new_connection(void)
{
    struct user user = { .got = RDV_BUF(100) };
    struct rdv_link *link, *fresh;
    struct scene sc;

    begin(&sc, LONG_MS);
    link = take(&sc, "key1.com", &user);
    rdv_link_wait(link);
    fresh = rdv_links_take(sc.links, "key1.com", true, &user);
    T_MUST(fresh != NULL);
    T_TRUE(fresh != link && !rdv_link_has_waited(fresh));
    rdv_link_close(fresh);
    end(&sc);
}

/* --- links that are not to be had ------------------------------------------------------------- */

static void without_a_card_there_is_no_link(void)
{
    struct user user = { .got = RDV_BUF(100) };
    struct scene sc;

    begin(&sc, LONG_MS);
    T_MUST(unlink(sc.path) == 0);
    T_TRUE(rdv_links_take(sc.links, "key1.com", false, &user) == NULL);
    T_UINT((unsigned)errno, ENOENT);
    end(&sc);
}

static void a_path_or_a_name_too_long_is_refused(void)
{
    char path[200];
    struct user user = { .got = RDV_BUF(100) };
    struct rdv_links *links;
    struct scene sc;

    begin(&sc, LONG_MS);
    T_TRUE(rdv_links_take(sc.links, "sixteen.letters.", false, &user) == NULL);
    T_UINT((unsigned)errno, EINVAL);
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    T_MUST_OK(rdv_links_new(&links, &sc.loop, path, LONG_MS,
                            &(const struct rdv_links_calls){ on_read, on_closed }));
    T_TRUE(rdv_links_take(links, "key1.com", false, &user) == NULL);
    T_UINT((unsigned)errno, ENAMETOOLONG);
    rdv_links_stop(links);
    end(&sc);
    rdv_links_free(links);
}

static void a_link_whose_card_has_gone_is_forgotten(void)
{
    struct user user = { .got = RDV_BUF(100) };
    struct rdv_link *link;
    struct scene sc;

    begin(&sc, LONG_MS);
    link = take(&sc, "key1.com", &user);
    rdv_link_wait(link);
    T_MUST(close(accepted(&sc)) == 0);
    run(&sc);
    link = take(&sc, "key1.com", &user);
    T_TRUE(!rdv_link_has_waited(link));
    T_UINT(user.n_ended + user.n_closed, 0); /* it was nobody's */
    rdv_link_close(link);
    end(&sc);
}

static void a_card_that_speaks_unasked_loses_the_link(void)
{
    struct user user = { .got = RDV_BUF(100) };
    struct rdv_link *link;
    struct scene sc;
    uint8_t byte;
    int card;

    begin(&sc, LONG_MS);
    link = take(&sc, "key1.com", &user);
    rdv_link_wait(link);
    T_MUST((card = accepted(&sc)) >= 0);
    T_MUST(write(card, "?", 1) == 1);
    run(&sc);
    T_TRUE(read(card, &byte, 1) == 0);
    T_UINT(rdv_buf_len(&user.got), 0);
    (void)close(card);
    end(&sc);
}

static void the_end_of_a_link_in_use_is_told_to_its_user(void)
{
    struct user user = { .got = RDV_BUF(100) };
    struct rdv_link *link;
    struct scene sc;

    begin(&sc, LONG_MS);
    link = take(&sc, "key1.com", &user);
    rdv_link_wait(link);
    T_MUST(close(accepted(&sc)) == 0);
    link = take(&sc, "key1.com", &user); /* the loop has not seen it yet */
    T_TRUE(rdv_link_has_waited(link));
    run(&sc);
    T_UINT(user.n_ended, 1);
    rdv_link_close(link);
    run(&sc);
    T_UINT(user.n_closed, 1);
    end(&sc);
}

static void a_link_waits_for_so_long_and_no_longer(void)
{
    struct user user = { .got = RDV_BUF(100) };
    struct rdv_link *link;
    struct scene sc;
    uint8_t byte;
    int card;

    begin(&sc, 1);
    link = take(&sc, "key1.com", &user);
    rdv_link_wait(link);
    T_MUST((card = accepted(&sc)) >= 0);
    (void)uv_run(&sc.loop, UV_RUN_DEFAULT); /* until there is nothing more to wait for */
    T_TRUE(read(card, &byte, 1) == 0);
    link = take(&sc, "key1.com", &user);
    T_TRUE(!rdv_link_has_waited(link));
    rdv_link_close(link);
    (void)close(card);
    end(&sc);
}

static void so_many_links_wait_and_no_more(void)
{
    struct user user = { .got = RDV_BUF(100) };
    struct rdv_link *links[RDV_LINKS_WAITING_MAX + 1];
    struct scene sc;
    unsigned n_waiting = 0;

    begin(&sc, LONG_MS);
    for (size_t i = 0; i <= RDV_LINKS_WAITING_MAX; i++)
        links[i] = take(&sc, "key1.com", &user);
    for (size_t i = 0; i <= RDV_LINKS_WAITING_MAX; i++)
        rdv_link_wait(links[i]);
    for (size_t i = 0; i <= RDV_LINKS_WAITING_MAX; i++) {
        links[i] = take(&sc, "key1.com", &user);
        n_waiting += rdv_link_has_waited(links[i]);
    }
    T_UINT(n_waiting, RDV_LINKS_WAITING_MAX);
    for (size_t i = 0; i <= RDV_LINKS_WAITING_MAX; i++)
        rdv_link_close(links[i]);
    end(&sc);
}

static CU_TestInfo tests[] = {
    T_CASE(a_link_serves_one_session_after_the_other),
    T_CASE(an_element_is_served_by_links_of_its_own),
    T_CASE(a_fresh_link_is_a_new_connection),
    T_CASE(without_a_card_there_is_no_link),
    T_CASE(a_path_or_a_name_too_long_is_refused),
    T_CASE(a_link_whose_card_has_gone_is_forgotten),
    T_CASE(a_card_that_speaks_unasked_loses_the_link),
    T_CASE(the_end_of_a_link_in_use_is_told_to_its_user),
    T_CASE(a_link_waits_for_so_long_and_no_longer),
    T_CASE(so_many_links_wait_and_no_more),
    T_END,
};

T_SUITE(server_links, tests);
