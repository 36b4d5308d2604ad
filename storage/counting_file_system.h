#ifndef STORAGE_COUNTING_FILE_SYSTEM_H_
#define STORAGE_COUNTING_FILE_SYSTEM_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "rocksdb/file_system.h"

namespace tokens::storage {

// The operating system's file system, which tells how much is read from files front to back: how far BackupEngine is,
// which does not say so itself. Thread-safe if `read` is.
class CountingFileSystem : public rocksdb::FileSystemWrapper {
 public:
  // Hears the number of bytes of each such read.
  using Read = std::function<void(uint64_t bytes)>;

  explicit CountingFileSystem(Read read)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), read_(std::make_shared<const Read>(std::move(read))) {}

  const char* Name() const override { return "tokens.CountingFileSystem"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;

 private:
  const std::shared_ptr<const Read> read_;
};

}  // namespace tokens::storage

#endif  // STORAGE_COUNTING_FILE_SYSTEM_H_
