#include "storage/rocksdb/sound_logs.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/base/check.h"

namespace tulving::storage {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// A file that ends after its first bytes.
class FirstBytes final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FirstBytes(std::unique_ptr<rocksdb::FSSequentialFile> file, std::uint64_t bytes)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(bytes) {}

  IOStatus Read(std::size_t n, const IOOptions& options, rocksdb::Slice* result, char* scratch,
                IODebugContext* context) override {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(n, left_));
    if (wanted == 0) {
      *result = rocksdb::Slice(scratch, 0);
      return IOStatus::OK();
    }
    auto status = FSSequentialFileOwnerWrapper::Read(wanted, options, result, scratch, context);
    TULVING_DCHECK(!status.ok() || result->size() <= wanted);
    if (status.ok()) left_ -= result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t n) override {
    const auto skipped = std::min(n, left_);
    left_ -= skipped;
    return FSSequentialFileOwnerWrapper::Skip(skipped);
  }

 private:
  std::uint64_t left_;
};

class SoundLogs final : public rocksdb::FileSystemWrapper {
 public:
  SoundLogs(std::shared_ptr<rocksdb::Env> base, std::map<std::string, std::uint64_t> sound_bytes)
      : FileSystemWrapper(base->GetFileSystem()),
        base_(std::move(base)),
        sound_bytes_(std::move(sound_bytes)) {}
  const char* Name() const override { return "tulving.SoundLogs"; }

  IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext* context) override {
    auto status = FileSystemWrapper::NewSequentialFile(name, options, file, context);
    const auto found = sound_bytes_.find(name);
    if (status.ok() && found != sound_bytes_.end()) {
      *file = std::make_unique<FirstBytes>(std::move(*file), found->second);
    }
    return status;
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions& options, std::uint64_t* bytes,
                       IODebugContext* context) override {
    auto status = FileSystemWrapper::GetFileSize(name, options, bytes, context);
    const auto found = sound_bytes_.find(name);
    if (status.ok() && found != sound_bytes_.end()) *bytes = std::min(*bytes, found->second);
    return status;
  }

 private:
  const std::shared_ptr<rocksdb::Env> base_;  // Its file system may be no longer there without it.
  const std::map<std::string, std::uint64_t> sound_bytes_;  ///< By path.
};

}  // namespace

std::shared_ptr<rocksdb::Env> sound_logs(const std::shared_ptr<rocksdb::Env>& base,
                                         const LogState& log) {
  std::map<std::string, std::uint64_t> sound_bytes;
  for (const auto& file : log.files) {
    TULVING_DCHECK(file.sound_bytes <= file.bytes);
    if (file.sound_bytes < file.bytes) sound_bytes[file.path] = file.sound_bytes;
  }
  if (sound_bytes.empty()) return nullptr;
  return rocksdb::NewCompositeEnv(std::make_shared<SoundLogs>(base, std::move(sound_bytes)));
}

}  // namespace tulving::storage
