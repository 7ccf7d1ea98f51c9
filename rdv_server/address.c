/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rdv_address_text(char out[RDV_ADDRESS_TEXT], const struct sockaddr *address)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
    const bool is_v6 = address->sa_family == AF_INET6;
    const bool is_mapped = is_v6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
    char host[INET6_ADDRSTRLEN] = "";

    if (is_v6 && !is_mapped) {
        (void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
        (void)snprintf(out, RDV_ADDRESS_TEXT, "[%s]:%u", host, (unsigned)ntohs(in6->sin6_port));
    } else {
        (void)inet_ntop(AF_INET,
                        is_mapped ? (const void *)(in6->sin6_addr.s6_addr + 12) : &in->sin_addr,
                        host, sizeof(host));
        (void)snprintf(out, RDV_ADDRESS_TEXT, "%s:%u", host,
                       (unsigned)ntohs(is_v6 ? in6->sin6_port : in->sin_port));
    }
}

bool rdv_address_is_any(const struct sockaddr *address)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;

    if (address->sa_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
    return in->sin_addr.s_addr == htonl(INADDR_ANY);
}

enum rdv_err rdv_address_parse(struct sockaddr_storage *out, const char *text)
{
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)out;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)out;
    const char *colon = strrchr(text, ':');
    char host[INET6_ADDRSTRLEN + 2], *end;
    size_t n;
    long port;

    memset(out, 0, sizeof(*out));
    if (colon == NULL || (n = (size_t)(colon - text)) == 0 || n >= sizeof(host))
        return RDV_ERR_USAGE;
    memcpy(host, text, n);
    host[n] = '\0';
    port = strtol(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || port > 65535)
        return RDV_ERR_USAGE;
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((in_port_t)port);
        return inet_pton(AF_INET6, host + 1, &in6->sin6_addr) == 1 ? RDV_OK : RDV_ERR_USAGE;
    }
    in->sin_family = AF_INET;
    in->sin_port = htons((in_port_t)port);
    return inet_pton(AF_INET, host, &in->sin_addr) == 1 ? RDV_OK : RDV_ERR_USAGE;
}
