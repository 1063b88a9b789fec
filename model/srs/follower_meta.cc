#include "model/srs/follower_meta.h"

#include <array>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/digest.h"
#include "model/srs/byte_codec.h"
#include "model/srs/log_scan.h"

namespace tidemark::model::srs {
namespace {

constexpr std::uint32_t kMagic = 0x534d4454;  // "TDMS"
constexpr std::size_t kCopyBytes = 512;       // a sector
constexpr std::size_t kCopies = 2;
constexpr std::size_t kChecksumBytes = 8;

}  // namespace

std::vector<std::byte> encode_follower_record(const FollowerRecord& record) {
  std::vector<std::byte> out;
  for (std::size_t copy = 0; copy < kCopies; ++copy) {
    ByteWriter writer;
    writer.u32(kMagic);
    writer.u32(kLogVersion);
    writer.u32(record.promise);
    writer.u32(static_cast<std::uint32_t>(record.state));
    writer.u64(record.generation);
    writer.bookmark(record.base);
    writer.u64(record.begin);
    writer.bookmark(record.target);
    writer.u64(record.durable_end);
    writer.bookmark(record.confirmed);
    while (writer.bytes().size() + kChecksumBytes < kCopyBytes) writer.u32(0);
    writer.u64(digest_bytes(writer.bytes(), {0, copy}).low);
    TIDEMARK_ASSERT(writer.bytes().size() == kCopyBytes);
    out.insert(out.end(), writer.bytes().begin(), writer.bytes().end());
  }
  return out;
}

namespace {

/// Empty when `bytes` is a good copy, else what is wrong with it.
std::string decode(std::span<const std::byte> bytes, std::size_t copy, FollowerRecord& out) {
  const auto content = bytes.first(kCopyBytes - kChecksumBytes);
  if (ByteReader(bytes.last(kChecksumBytes)).u64() != digest_bytes(content, {0, copy}).low) {
    return "the state file is damaged";
  }
  ByteReader reader(content);
  if (reader.u32() != kMagic) return "this is not a follower's state file";
  const std::uint32_t version = reader.u32();
  if (version != kLogVersion) {
    return "the state file has format version " + std::to_string(version) + ", this program knows only version " +
           std::to_string(kLogVersion);
  }
  out.promise = reader.u32();
  const std::uint32_t state = reader.u32();
  if (state > static_cast<std::uint32_t>(FollowerState::kDamaged)) return "the state file names an unknown state";
  out.state = static_cast<FollowerState>(state);
  out.generation = reader.u64();
  out.base = reader.bookmark();
  out.begin = reader.u64();
  out.target = reader.bookmark();
  out.durable_end = reader.u64();
  out.confirmed = reader.bookmark();
  return "";
}

}  // namespace

FollowerMeta::FollowerMeta(sim::FileSystem& files, std::string name, const BugSet& bugs, Listener& listener)
    : files_(files), name_(std::move(name)), bugs_(bugs), listener_(listener) {
  load();
}

void FollowerMeta::load() {
  files_.remove(name_ + ".new");
  if (!files_.exists(name_)) return;
  const sim::File& file = files_.open(name_);
  found_ = Found::kDamaged;
  problem_ = "the state file is incomplete";
  std::array<std::byte, kCopyBytes> bytes{};
  for (std::size_t i = 0; i < 2 * kCopies; ++i) {
    const std::size_t copy = i % kCopies;
    if (file.size() < (copy + 1) * kCopyBytes) continue;
    if (!read_exactly(file, copy * kCopyBytes, bytes)) {
      found_ = Found::kUnreadable;
      problem_ = "the disk does not return the state file";
      continue;
    }
    FollowerRecord record;
    problem_ = decode(bytes, copy, record);
    if (!problem_.empty()) continue;
    found_ = Found::kRecord;
    durable_ = newest_ = record;
    break;
  }
  // Its name was perhaps taken just before a crash of the process.
  if (files_.sync_directory() != sim::IoStatus::kOk) found_ = Found::kUnreadable;
}

void FollowerMeta::save(const FollowerRecord& record) {
  newest_ = record;
  // Bug A29: positions as in a new object are taken for "nothing has changed", and the file is never written.
  if (bugs_.has(Bug::kA29) && record.base.is_origin() && record.target.is_origin()) durable_ = record;
  if (!writing_ && newest_ != durable_) write();
}

void FollowerMeta::write() {
  writing_ = true;
  written_ = newest_;
  sim::File& file = files_.open(name_ + ".new");
  if (file.write(0, encode_follower_record(written_)) != sim::IoStatus::kOk) {
    listener_.on_disk_failure();
    return;
  }
  file.sync(this);
}

void FollowerMeta::on_io(sim::IoStatus status) {
  TIDEMARK_ASSERT(writing_);
  if (status == sim::IoStatus::kOk) status = files_.rename(name_ + ".new", name_);
  if (status == sim::IoStatus::kOk) status = files_.sync_directory();
  if (status != sim::IoStatus::kOk) {
    listener_.on_disk_failure();
    return;
  }
  writing_ = false;
  durable_ = written_;
  if (newest_ != durable_) write();
  listener_.on_meta_durable();
}

}  // namespace tidemark::model::srs
