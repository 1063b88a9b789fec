#include "model/control/record.h"

#include <array>
#include <cstring>

#include "base/digest.h"
#include "sim/core/scheduler.h"

namespace tidemark::model::control {
namespace {

constexpr std::array<char, 8> kMagic = {'T', 'M', 'C', 'T', 'R', 'L', '0', '1'};
constexpr std::size_t kHeadBytes = 28;
constexpr std::size_t kDigestBytes = 16;
constexpr std::uint32_t kServedFlag = 1;
constexpr std::uint32_t kAsleepFlag = 2;

void put(std::vector<std::byte>& out, std::uint64_t value, int width) {
  for (int i = 0; i < width; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

std::uint64_t get(std::span<const std::byte> bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= static_cast<std::uint64_t>(bytes[at + i]) << (8 * i);
  return value;
}

std::uint32_t get_u32(std::span<const std::byte> bytes, std::size_t at) {
  return static_cast<std::uint32_t>(get(bytes, at, 4));
}

}  // namespace

std::vector<std::byte> encode(const DatabaseRecord& record) {
  std::vector<std::byte> out;
  for (const char c : kMagic) out.push_back(static_cast<std::byte>(c));
  put(out, record.epoch, 4);
  put(out, record.host, 4);
  put(out, record.version, 4);
  put(out, (record.ever_served ? kServedFlag : 0) | (record.asleep ? kAsleepFlag : 0), 4);
  put(out, record.followers.size(), 4);
  for (const std::uint32_t follower : record.followers) put(out, follower, 4);
  const Digest128 digest = digest_bytes(out);
  put(out, digest.high, 8);
  put(out, digest.low, 8);
  return out;
}

std::optional<DatabaseRecord> decode(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeadBytes + kDigestBytes || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    return std::nullopt;
  const std::size_t body = bytes.size() - kDigestBytes;
  const std::size_t followers = get_u32(bytes, 24);
  if (body != kHeadBytes + 4 * followers) return std::nullopt;
  if (digest_bytes(bytes.first(body)) != Digest128{get(bytes, body, 8), get(bytes, body + 8, 8)}) return std::nullopt;
  DatabaseRecord record;
  record.epoch = get_u32(bytes, 8);
  record.host = get_u32(bytes, 12);
  record.version = get_u32(bytes, 16);
  record.ever_served = (get_u32(bytes, 20) & kServedFlag) != 0;
  record.asleep = (get_u32(bytes, 20) & kAsleepFlag) != 0;
  for (std::size_t i = 0; i < followers; ++i) record.followers.push_back(get_u32(bytes, kHeadBytes + 4 * i));
  return record;
}

RecordFile::RecordFile(sim::Process& process, sim::FileSystem& files, const BugSet& bugs, const std::string& database)
    : process_(process), files_(files), bugs_(bugs), name_(database + ".control") {}

std::optional<DatabaseRecord> RecordFile::load() {
  if (!files_.exists(name_)) return std::nullopt;
  const sim::File& file = files_.open(name_);
  std::vector<std::byte> bytes(file.size());
  sim::IoStatus status = sim::IoStatus::kOk;
  const std::size_t got = file.try_read(0, bytes, status);
  std::optional<DatabaseRecord> record;
  if (status == sim::IoStatus::kOk && got == bytes.size()) record = decode(bytes);
  damaged_ = !record.has_value();
  return record;
}

sim::Task<bool> RecordFile::save(DatabaseRecord record) {
  while (saving_) co_await saved_.wait(process_);
  saving_ = true;
  const std::string fresh = name_ + ".new";
  if (files_.exists(fresh)) files_.remove(fresh);
  sim::File& file = files_.open(fresh);
  bool ok = file.write(0, encode(record)) == sim::IoStatus::kOk;
  if (ok && !bugs_.has(Bug::kD14)) {
    const sim::Instant durable = file.sync(nullptr);
    ok = file.sync_status() == sim::IoStatus::kOk;
    if (durable > process_.scheduler().now()) co_await sim::sleep(process_, durable - process_.scheduler().now());
  }
  ok = ok && files_.rename(fresh, name_) == sim::IoStatus::kOk && files_.sync_directory() == sim::IoStatus::kOk;
  saving_ = false;
  saved_.notify_one();
  co_return ok;
}

}  // namespace tidemark::model::control
