#ifndef CCRYPT_H
#define CCRYPT_H

#include <stdbool.h>

/// The bytes of the longest hash, with the NUL behind it.
#define PASSWORD_HASH_BYTES 384

/// The longest password in bytes that is hashed.
#define PASSWORD_MAX_BYTES 511

/// Hashes a password as `setting` says, which may be a whole hash: writes text that equals it if the password is the
/// same. False, and nothing to rely on written, if the system's libcrypt does not know such hashes or there is no memory.
/// May be called from several threads at once; takes as long as the setting asks for.
bool password_hash(const char *password, const char *setting, char *hash);

#endif
