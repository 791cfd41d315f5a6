#include "CDigest.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>

static const char *const names[] = {"MD5", "SHA1", "SHA3-256", "SHA512", "SHA256"};
static _Atomic(EVP_MD *) functions[5];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t states;
static bool has_states;

/// The function as libcrypto knows it, looked up once; null if it has none of this name.
static EVP_MD *known(enum digest_function function) {
  EVP_MD *found = atomic_load(&functions[function]);
  if (found) return found;
  EVP_MD *fetched = EVP_MD_fetch(NULL, names[function], NULL);
  if (!fetched) return NULL;
  if (atomic_compare_exchange_strong(&functions[function], &found, fetched)) return fetched;
  EVP_MD_free(fetched);
  return found;
}

static void free_state(void *state) { EVP_MD_CTX_free(state); }
static void make_states(void) { has_states = pthread_key_create(&states, free_state) == 0; }

/// The state that this thread hashes with.
static EVP_MD_CTX *state_of_thread(void) {
  pthread_once(&once, make_states);
  if (!has_states) return NULL;
  EVP_MD_CTX *state = pthread_getspecific(states);
  if (state) return state;
  state = EVP_MD_CTX_new();
  if (state && pthread_setspecific(states, state) != 0) {
    EVP_MD_CTX_free(state);
    return NULL;
  }
  return state;
}

bool digest_is_available(enum digest_function function) { return known(function) != NULL; }

bool digest_of(
  enum digest_function function, const void *head, size_t head_bytes, const void *bytes, size_t count,
  uint8_t *digest) {
  EVP_MD *algorithm = known(function);
  EVP_MD_CTX *state = state_of_thread();
  return algorithm && state && EVP_DigestInit_ex2(state, algorithm, NULL) && EVP_DigestUpdate(state, head, head_bytes)
    && EVP_DigestUpdate(state, bytes, count) && EVP_DigestFinal_ex(state, digest, NULL);
}
