#ifndef STORAGE_BIG_ENDIAN_H_
#define STORAGE_BIG_ENDIAN_H_

#include <cstdint>
#include <string>

namespace tokens::storage {

// Appends the low `bytes` bytes of `value`, the highest first.
inline void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift & 0xff));
}

}  // namespace tokens::storage

#endif  // STORAGE_BIG_ENDIAN_H_
