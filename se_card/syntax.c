/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/syntax.h"

#include <string.h>

/* What `text` holds up to one of the `ends`. */
static struct rdv_span up_to(const char *text, const char *ends)
{
    return (struct rdv_span){ (const uint8_t *)text, strcspn(text, ends) };
}

bool se_syntax_next(const char **at, struct se_param *out)
{
    const char *token = *at + strspn(*at, " ");

    *out = (struct se_param){ .optional = token[0] == '[' };
    *at = token + strcspn(token, " ");
    token += out->optional;
    out->name = up_to(token, "=|]. ");
    out->is_word = token[out->name.n] != '=';
    out->many = token[out->name.n] == '.';
    out->types = out->is_word ? up_to(token, "]. ") : up_to(token + out->name.n + 1, "] ");
    return out->name.n > 0;
}

/* The next alternative; false when there are no more. */
static bool next_type(struct rdv_span *rest, struct rdv_span *type)
{
    const uint8_t *bar;

    if (rest->n == 0)
        return false;
    bar = memchr(rest->p, '|', rest->n);
    *type = (struct rdv_span){ rest->p, bar == NULL ? rest->n : (size_t)(bar - rest->p) };
    rest->p += type->n + (bar != NULL);
    rest->n -= type->n + (bar != NULL);
    return true;
}

static bool takes(const struct se_param *p, struct rdv_span type)
{
    struct rdv_span rest = p->types, one;

    while (next_type(&rest, &one)) {
        if (rdv_span_equal(one, type))
            return true;
    }
    return false;
}

bool se_param_takes(const struct se_param *p, const char *type)
{
    return takes(p, rdv_span_of(type));
}

bool se_param_takes_literally(const struct se_param *p, struct rdv_span value)
{
    return value.n > 0 && value.p[0] >= 'a' && value.p[0] <= 'z' &&
           memchr(value.p, ',', value.n) == NULL && takes(p, value);
}

bool se_param_is_number(const struct se_param *p)
{
    static const char *const types[] = {
        "XX", "N", "BYTES", "COUNT", "FROM", "SEQ", "ID", "SECONDS"
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (se_param_takes(p, types[i]))
            return true;
    }
    return false;
}

bool se_param_is_list(const struct se_param *p)
{
    struct rdv_span rest = p->types, one;

    while (next_type(&rest, &one)) {
        if (memchr(one.p, ',', one.n) != NULL)
            return true;
    }
    return false;
}
