#include "CCrypt.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

bool password_hash(const char *password, const char *setting, char *hash) {
  // Its 32 KiB are too many for the stack of a thread.
  struct crypt_data *data = calloc(1, sizeof *data);
  if (!data) return false;
  const char *made = crypt_r(password, setting, data);
  size_t length = made ? strlen(made) : 0;
  // A failure is told by a text that no setting begins with.
  bool is_made = made && made[0] != '*' && length < PASSWORD_HASH_BYTES;
  if (is_made) memcpy(hash, made, length + 1);
  explicit_bzero(data, sizeof *data);
  free(data);
  return is_made;
}
