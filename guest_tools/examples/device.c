/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A device that leaves a reading in a record. A post whose answer was lost is repeated, and still
 * done once.
 *
 *   cc device.c $(pkg-config --cflags --libs rdv) -o device
 *   ./device 'shellS://key1.com(meter)@192.0.2.1:8443/record/0A' meter.psk 21.5
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rdv/record.h>

static bool may_pass(enum rdv_err err)
{
    return err == RDV_ERR_OUTCOME || err == RDV_ERR_CLOSED || err == RDV_ERR_TIMEOUT ||
           err == RDV_ERR_BUSY;
}

int main(int argc, char **argv)
{
    struct rdv_client_options how = { .language = RDV_REQUESTS, .timeout_ms = 10000 };
    uint8_t once[RDV_ONCE_MAX];
    const struct rdv_put_options post = { "text/plain", once, sizeof(once) };
    struct rdv_why why = { "" };
    struct rdv_uri where;
    enum rdv_err err;

    if (argc != 4 || rdv_uri_parse(&where, argv[1], &why) != RDV_OK || where.record < 0) {
        fprintf(stderr, "device: URI/record/XX KEYFILE TEXT, please. %s\n", why.text);
        return 64;
    }
    how.psk_file = argv[2];
    rdv_once(once);
    for (unsigned wait = 1;; wait *= 2) {
        struct rdv_client *client;

        if ((err = rdv_client_open(&client, &where, &how, &why)) == RDV_OK &&
            (err = rdv_client_put(client, (uint8_t)where.record, argv[3], strlen(argv[3]), &post,
                                  NULL)) != RDV_OK)
            (void)snprintf(why.text, sizeof(why.text), "%s", rdv_client_why(client));
        rdv_client_close(client);
        if (!may_pass(err) || wait > 16)
            break;
        (void)sleep(wait);
    }
    if (err != RDV_OK)
        fprintf(stderr, "device: %s: %s\n", rdv_err_text(err), why.text);
    rdv_uri_wipe(&where);
    return rdv_err_exit(err);
}
