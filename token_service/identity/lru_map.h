#ifndef TOKEN_SERVICE_IDENTITY_LRU_MAP_H_
#define TOKEN_SERVICE_IDENTITY_LRU_MAP_H_

#include <cstddef>
#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace tokens {

// Map from strings of bounded size: what has not been used for longest makes room. Not thread-safe.
template <typename Value>
class LruMap {
 public:
  // `capacity` is at least 1.
  explicit LruMap(size_t capacity) : capacity_(capacity) {}

  size_t size() const { return items_.size(); }

  // The value of `key`, good until the next Put or Erase, or null. Counts as a use.
  Value* Find(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    items_.splice(items_.begin(), items_, found->second);
    return &found->second->second;
  }

  // Sets the value of `key`. Counts as a use.
  void Put(const std::string& key, Value value) {
    Erase(key);
    if (items_.size() >= capacity_) {
      index_.erase(items_.back().first);
      items_.pop_back();
    }
    items_.emplace_front(key, std::move(value));
    index_.emplace(items_.front().first, items_.begin());
  }

  void Erase(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    const auto item = found->second;
    index_.erase(found);
    items_.erase(item);
  }

  void Clear() {
    index_.clear();
    items_.clear();
  }

 private:
  using Items = std::list<std::pair<std::string, Value>>;

  const size_t capacity_;
  Items items_;                                                             // The latest used first.
  absl::flat_hash_map<absl::string_view, typename Items::iterator> index_;  // The keys live in items_.
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_LRU_MAP_H_
