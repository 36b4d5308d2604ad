#ifndef TESTS_STORAGE_UNSYNCED_LOSS_ENV_H_
#define TESTS_STORAGE_UNSYNCED_LOSS_ENV_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/env.h"

namespace tokens::testing {

// An Env that remembers how much of each file was synced, so that a test can play a power cut: close the store, then
// LoseUnsynced cuts every file written through it back to that. Thread-safe.
class UnsyncedLossEnv : public rocksdb::EnvWrapper {
 public:
  UnsyncedLossEnv() : EnvWrapper(rocksdb::Env::Default()) {}

  const char* Name() const override { return "UnsyncedLossEnv"; }

  rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    rocksdb::Status status = EnvWrapper::NewWritableFile(name, file, options);
    if (!status.ok()) return status;
    SetSynced(name, 0);
    *file = std::make_unique<TrackedFile>(std::move(*file), name, *this);
    return status;
  }

  rocksdb::Status RenameFile(const std::string& from, const std::string& to) override {
    absl::MutexLock lock(&mutex_);
    if (const auto file = synced_.find(from); file != synced_.end()) {
      synced_[to] = file->second;
      synced_.erase(from);
    }
    return EnvWrapper::RenameFile(from, to);
  }

  // From now on the files of the store are as after a power cut. Bytes synced later count again.
  void LoseUnsynced() {
    absl::MutexLock lock(&mutex_);
    for (const auto& [name, size] : synced_) {
      std::error_code gone;
      if (std::filesystem::file_size(name, gone) > size && !gone) std::filesystem::resize_file(name, size);
    }
  }

  // Freezes the state: what is synced from now on is lost too. Ends with Thaw.
  void Freeze() { SetFrozen(true); }
  void Thaw() { SetFrozen(false); }

 private:
  class TrackedFile : public rocksdb::WritableFileWrapper {
   public:
    TrackedFile(std::unique_ptr<rocksdb::WritableFile> file, std::string name, UnsyncedLossEnv& env)
        : WritableFileWrapper(file.get()), file_(std::move(file)), name_(std::move(name)), env_(env) {}

    rocksdb::Status Sync() override { return AfterSync(WritableFileWrapper::Sync()); }
    rocksdb::Status Fsync() override { return AfterSync(WritableFileWrapper::Fsync()); }

   private:
    rocksdb::Status AfterSync(rocksdb::Status status) {
      if (status.ok()) env_.SetSynced(name_, GetFileSize());
      return status;
    }

    const std::unique_ptr<rocksdb::WritableFile> file_;
    const std::string name_;
    UnsyncedLossEnv& env_;
  };

  void SetSynced(const std::string& name, uint64_t size) {
    absl::MutexLock lock(&mutex_);
    if (!frozen_) synced_[name] = size;
  }
  void SetFrozen(bool frozen) {
    absl::MutexLock lock(&mutex_);
    frozen_ = frozen;
  }

  absl::Mutex mutex_;
  std::map<std::string, uint64_t> synced_ ABSL_GUARDED_BY(mutex_);
  bool frozen_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_UNSYNCED_LOSS_ENV_H_
