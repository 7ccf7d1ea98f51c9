/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SoftHSM2, a software token behind PKCS#11 (OASIS PKCS #11 v2.40): ECDSA on P-256. */
#include "tests/bench/signer.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <p11-kit/pkcs11.h>

#include "base/log.h"

static const char *const modules[] = {
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
};

struct signer {
    void *module;
    CK_FUNCTION_LIST *p11;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
};

static enum rdv_err sign(void *state, const uint8_t digest[BENCH_DIGEST_BYTES])
{
    const struct signer *s = state;
    CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
    CK_BYTE in[BENCH_DIGEST_BYTES], out[64];
    CK_ULONG n = sizeof(out);

    memcpy(in, digest, sizeof(in));
    if (s->p11->C_SignInit(s->session, &ecdsa, s->key) != CKR_OK ||
        s->p11->C_Sign(s->session, in, sizeof(in), out, &n) != CKR_OK)
        return RDV_ERR_IO;
    return RDV_OK;
}

static void drop(void *state)
{
    struct signer *s = state;

    if (s->p11 != NULL)
        (void)s->p11->C_Finalize(NULL);
    if (s->module != NULL)
        (void)dlclose(s->module);
    free(s);
}

/* Its configuration, which names where the token lies. */
static enum rdv_err configure(const char *dir)
{
    char path[512], tokens[512];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/softhsm2.conf", dir);
    (void)snprintf(tokens, sizeof(tokens), "%s/tokens", dir);
    if (mkdir(tokens, S_IRWXU) != 0 || (f = fopen(path, "we")) == NULL)
        return RDV_ERR_IO;
    fprintf(f, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n",
            tokens);
    if (fclose(f) != 0 || setenv("SOFTHSM2_CONF", path, 1) != 0)
        return RDV_ERR_IO;
    return RDV_OK;
}

static enum rdv_err load(struct signer *s)
{
    CK_C_GetFunctionList get = NULL;

    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]) && s->module == NULL; i++)
        s->module = dlopen(modules[i], RTLD_NOW | RTLD_LOCAL);
    if (s->module == NULL) {
        log_error("SoftHSM2: %s", dlerror());
        return RDV_ERR_IO;
    }
    *(void **)&get = dlsym(s->module, "C_GetFunctionList");
    if (get == NULL || get(&s->p11) != CKR_OK || s->p11->C_Initialize(NULL) != CKR_OK)
        return RDV_ERR_IO;
    return RDV_OK;
}

/* A fresh token, with a user logged in. */
static CK_RV open_token(struct signer *s)
{
    CK_UTF8CHAR pin[] = "1234", label[32];
    CK_SLOT_ID slots[8];
    CK_ULONG n = 8;
    CK_RV rv;

    memset(label, ' ', sizeof(label));
    if ((rv = s->p11->C_GetSlotList(CK_FALSE, slots, &n)) != CKR_OK ||
        (rv = s->p11->C_InitToken(slots[0], pin, 4, label)) != CKR_OK)
        return rv;
    n = 8; /* an initialised token comes in a slot of its own */
    if ((rv = s->p11->C_GetSlotList(CK_TRUE, slots, &n)) != CKR_OK ||
        (rv = s->p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                    &s->session)) != CKR_OK ||
        (rv = s->p11->C_Login(s->session, CKU_SO, pin, 4)) != CKR_OK ||
        (rv = s->p11->C_InitPIN(s->session, pin, 4)) != CKR_OK ||
        (rv = s->p11->C_Logout(s->session)) != CKR_OK)
        return rv;
    return s->p11->C_Login(s->session, CKU_USER, pin, 4);
}

static CK_RV make_key(struct signer *s)
{
    CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_MECHANISM make = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
    CK_ATTRIBUTE public[] = { { CKA_EC_PARAMS, p256, sizeof(p256) },
                              { CKA_TOKEN, &no, sizeof(no) } };
    CK_ATTRIBUTE private[] = { { CKA_SIGN, &yes, sizeof(yes) },
                               { CKA_TOKEN, &no, sizeof(no) },
                               { CKA_PRIVATE, &yes, sizeof(yes) } };
    CK_OBJECT_HANDLE other;

    return s->p11->C_GenerateKeyPair(s->session, &make, public, 2, private, 3, &other, &s->key);
}

enum rdv_err bench_signer_p11(struct bench_signer *out, const char *dir)
{
    struct signer *s = calloc(1, sizeof(*s));
    CK_RV rv;
    enum rdv_err err;

    *out = (struct bench_signer){ "SoftHSM2, C_Sign", s, sign, drop };
    if (s == NULL)
        return RDV_ERR_NOMEM;
    if ((err = configure(dir)) != RDV_OK || (err = load(s)) != RDV_OK)
        return err;
    if ((rv = open_token(s)) == CKR_OK && (rv = make_key(s)) == CKR_OK)
        return RDV_OK;
    log_error("SoftHSM2: %#lx", rv);
    return RDV_ERR_IO;
}
