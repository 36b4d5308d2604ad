#include "storage/counting_file_system.h"

#include <utility>

namespace tokens::storage {
namespace {

class CountingFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  CountingFile(std::unique_ptr<rocksdb::FSSequentialFile> file, std::shared_ptr<const CountingFileSystem::Read> read)
      : FSSequentialFileOwnerWrapper(std::move(file)), read_(std::move(read)) {}

  rocksdb::IOStatus Read(size_t size, const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = FSSequentialFileOwnerWrapper::Read(size, options, result, scratch, debug);
    if (status.ok()) (*read_)(result->size());
    return status;
  }

 private:
  const std::shared_ptr<const CountingFileSystem::Read> read_;
};

}  // namespace

rocksdb::IOStatus CountingFileSystem::NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                                        std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                                        rocksdb::IODebugContext* debug) {
  rocksdb::IOStatus status = FileSystemWrapper::NewSequentialFile(name, options, file, debug);
  if (status.ok()) *file = std::make_unique<CountingFile>(std::move(*file), read_);
  return status;
}

}  // namespace tokens::storage
