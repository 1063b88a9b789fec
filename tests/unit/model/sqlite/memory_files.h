// A file system in memory for tests of the SQLite room: blocks are shared as the real disk shares them, a sync takes
// 50 us of nothing, writes can be made to fail.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/file.h"

namespace tidemark::model::sqlite {

class MemoryFile final : public sim::File {
 public:
  MemoryFile(std::string_view name, std::int64_t& writes_left) : name_(name), writes_left_(writes_left) {}
  void set_layout(sim::FileLayout layout) {
    layout_ = layout;
    shared_.clear();
  }

  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read(std::uint64_t offset, std::span<std::byte> into) const override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t size = std::min<std::size_t>(into.size(), bytes_.size() - offset);
    if (size != 0) std::memcpy(into.data(), bytes_.data() + offset, size);
    return size;
  }
  sim::IoStatus write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (writes_left_ == 0) return sim::IoStatus::kNoSpace;
    if (writes_left_ > 0) --writes_left_;
    if (bytes_.size() < offset + bytes.size()) bytes_.resize(offset + bytes.size());
    std::memcpy(bytes_.data() + offset, bytes.data(), bytes.size());
    forget(offset, bytes.size());
    return sim::IoStatus::kOk;
  }
  sim::IoStatus write_shared(std::uint64_t offset, sim::BufferRef buffer) override {
    const sim::IoStatus status = write(offset, buffer->bytes());
    if (status == sim::IoStatus::kOk && layout_.body == buffer->size() && is_body(offset))
      shared_[index_of(offset)] = std::move(buffer);
    return status;
  }
  sim::BufferRef body(std::uint64_t index) const override {
    if (const auto found = shared_.find(index); found != shared_.end()) return found->second;
    const std::uint64_t offset = layout_.prefix + index * (layout_.header + layout_.body) + layout_.header;
    if (layout_.body == 0 || offset + layout_.body > bytes_.size()) return nullptr;
    return sim::Buffer::copy(std::span(bytes_).subspan(offset, layout_.body));
  }
  sim::IoStatus truncate(std::uint64_t size) override {
    if (size < bytes_.size()) forget(size, bytes_.size() - size);
    bytes_.resize(size);
    return sim::IoStatus::kOk;
  }
  sim::Instant sync(sim::IoCompletion*) override {
    ++syncs;
    return sim::Instant::from_ns(static_cast<std::int64_t>(syncs) * 50'000);
  }
  std::uint64_t durable_size() const override { return bytes_.size(); }

  std::vector<std::byte>& bytes() { return bytes_; }
  std::uint64_t syncs = 0;

 private:
  std::uint64_t stride() const { return layout_.header + layout_.body; }
  bool is_body(std::uint64_t offset) const {
    return offset >= layout_.prefix + layout_.header && (offset - layout_.prefix - layout_.header) % stride() == 0;
  }
  std::uint64_t index_of(std::uint64_t offset) const { return (offset - layout_.prefix) / stride(); }
  void forget(std::uint64_t offset, std::uint64_t size) {
    if (layout_.body == 0 || size == 0) return;
    // Only the blocks that the range may touch: a test writes thousands of frames.
    const std::uint64_t first = offset < layout_.prefix ? 0 : (offset - layout_.prefix) / stride();
    for (auto it = shared_.lower_bound(first); it != shared_.end();) {
      const std::uint64_t begin = layout_.prefix + it->first * stride() + layout_.header;
      if (begin >= offset + size) break;
      it = offset < begin + layout_.body ? shared_.erase(it) : std::next(it);
    }
  }

  const std::string name_;
  std::int64_t& writes_left_;
  sim::FileLayout layout_;
  std::vector<std::byte> bytes_;
  std::map<std::uint64_t, sim::BufferRef> shared_;
};

class MemoryFiles final : public sim::FileSystem {
 public:
  sim::File& open(std::string_view name, sim::FileLayout layout = {}) override {
    std::unique_ptr<MemoryFile>& file = files_[std::string(name)];
    if (file == nullptr) file = std::make_unique<MemoryFile>(name, writes_left);
    if (!(layout == layouts_[std::string(name)])) {
      layouts_[std::string(name)] = layout;
      file->set_layout(layout);
    }
    return *file;
  }
  bool exists(std::string_view name) const override { return files_.count(std::string(name)) != 0; }
  sim::IoStatus remove(std::string_view name) override {
    layouts_.erase(std::string(name));
    return files_.erase(std::string(name)) != 0 ? sim::IoStatus::kOk : sim::IoStatus::kNotFound;
  }
  sim::IoStatus rename(std::string_view, std::string_view) override { return sim::IoStatus::kError; }
  std::vector<std::string> list() const override {
    std::vector<std::string> names;
    for (const auto& [name, file] : files_) names.push_back(name);
    return names;
  }
  MemoryFile& at(const std::string& name) { return *files_.at(name); }

  /// Writes that still succeed; negative = all.
  std::int64_t writes_left = -1;

 private:
  std::map<std::string, std::unique_ptr<MemoryFile>> files_;
  std::map<std::string, sim::FileLayout> layouts_;
};

}  // namespace tidemark::model::sqlite
